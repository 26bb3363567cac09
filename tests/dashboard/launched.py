"""The pages served within the tests' own process and without a socket, so that a test can look at what the server does."""

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import gradio as gr
import pytest
from gradio.routes import App
from starlette.testclient import TestClient

import app
import dashboard
from dashboard import Access, Health, MachineCamera, Serving
from inference import Classifier

PORT = 7860


@dataclass(frozen=True)
class Launched:
    """A running app, and a client that speaks to it."""

    demo: gr.Blocks
    app: App
    serving: Serving
    http: TestClient
    folder: Path
    """Where uploads lie."""

    def another(self, address: str = "10.0.0.9") -> TestClient:
        """A client without the cookies of the first."""
        return TestClient(self.app, f"http://127.0.0.1:{PORT}", client=(address, 50000), raise_server_exceptions=False)


@contextmanager
def launched(
    model: Path, finder: Path, folder: Path, serving: Serving | None = None, camera: MachineCamera | None = None
) -> Iterator[Launched]:
    """With uploads in `folder`; it has ended when the block ends."""
    serving = serving or Serving.of(Access())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(folder))
        demo, served = asyncio.run(_made(model, finder, serving, camera))
        served.uploaded_file_dir = str(folder)
        with TestClient(served, f"http://127.0.0.1:{PORT}", raise_server_exceptions=False) as client:
            client.get("/gradio_api/startup-events")
            yield Launched(demo, served, serving, client, folder)
    shutil.rmtree(folder)


async def _made(model: Path, finder: Path, serving: Serving, camera: MachineCamera | None) -> tuple[gr.Blocks, App]:
    """Within a loop: outside of one Gradio makes its own again and again, and leaves them open."""
    classifier, choice = Classifier(model, provider="cpu", threads=1), app.choose("whole", finder, "cpu")
    demo = dashboard.build(classifier, choice, camera, serving=serving)
    return demo, _app(demo, dashboard.launch_settings(serving, Health(classifier, choice, camera, demo)))


def _app(demo: gr.Blocks, settings: dict) -> App:
    """What `launch` does with its arguments before it opens a socket."""
    demo.auth, demo.max_file_size, demo.run_history = settings["auth"], settings["max_file_size"], settings["run_history"]
    demo.allowed_paths, demo.blocked_paths, demo.ssr_mode = [], [], False
    demo.theme, demo.css, demo.head, demo.i18n_instance = (settings[name] for name in ("theme", "css", "head", "i18n"))
    demo.auth_message, demo.share = None, False
    demo.js, demo.css_paths, demo.head_paths = "", [], []
    demo._set_html_css_theme_variables()
    demo.transpile_to_js(quiet=True)
    demo.config = demo.get_config_file()
    return App.create_app(demo, app_kwargs=settings["app_kwargs"], mcp_server=settings["mcp_server"])
