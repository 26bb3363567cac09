"""Puts the pages together, and says how they are served.

demo = build(Classifier("models/attitude.onnx"), Choice({"whole": Whole()}))
demo.launch(**launch_settings())
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from dashboard import api, gradio_words, lessons, live, model, photos, seats, teach, video
from dashboard.charts import html
from dashboard.choice import Choice
from dashboard.gate import Gate
from dashboard.health import Health, routes
from dashboard.live_camera import MachineCamera
from dashboard.polite import Polite
from dashboard.serving import Serving
from dashboard.texts import shown, translations
from dashboard.theme import CSS, HEAD, theme
from inference import Classifier
from inference.gathering import Gathering

MOST_THREADS = 40
"""In which requests are worked on."""


def build(
    classifier: Classifier,
    choice: Choice,
    camera: MachineCamera | None = None,
    record: Path | None = None,
    others: Sequence[MachineCamera] = (),
    gathering: Gathering | None = None,
    serving: Serving | None = None,
    models: Sequence[Path] = (),
) -> gr.Blocks:
    """All pages around one model and the ways of saying where the students are.

    `camera` is one of this machine, which the Live page shows first, `others` are further ones; `record` is a file of recorded
    lessons to show; `gathering` a folder that photographs are gathered in, without which there is no such page; without
    `serving` this machine alone is served; `models` are folders of models that may be chosen while the app runs.
    """
    demo: gr.Blocks
    serving = serving or Serving()
    keep = (serving.limits.clean_every_seconds, serving.limits.keep_seconds)
    with gr.Blocks(title="態度 Taido", analytics_enabled=False, delete_cache=keep) as demo:
        html(
            f'<header class="taido-header"><h1><span lang="ja">態度</span> Taido</h1><p>{shown("tagline")}</p></header>',
            elem_id="taido-header",
        )
        if serving.access.space:
            html(f'<p class="taido-notice">{shown("space_notice")}</p>', elem_id="taido-space")
        with gr.Tabs():
            with gr.Tab(shown("photos_tab"), id="photos"):
                photos.build(classifier, choice, serving)
            with gr.Tab(shown("live_tab"), id="live") as tab:
                cameras = [*([] if camera is None else [camera]), *others]
                live.build(classifier, choice, demo, tab, cameras, serving.limits.webcams)
            with gr.Tab(shown("video_tab"), id="video"):
                video.build(classifier, choice, demo, serving)
            with gr.Tab(shown("seats_tab"), id="seats"):
                connect = seats.build(choice, demo, camera)
            with gr.Tab(shown("lessons_tab"), id="lessons") as tab:
                lessons.build(record, tab)
            if gathering is not None:
                with gr.Tab(shown("teach_tab"), id="teach"):
                    teach.build(classifier, choice, gathering, demo)
            with gr.Tab(shown("model_tab"), id="model") as tab:
                model.build(classifier, choice.finder, demo, tab, models)
        connect()
        api.build(classifier, choice, camera, serving)
    demo.queue(max_size=serving.limits.waiting)
    return demo


def launch_settings(serving: Serving | None = None, health: Health | None = None) -> dict[str, Any]:
    """Arguments for `launch`: our look and language, nothing shared, nothing recorded, nothing asked from other hosts.

    `health` is what `/healthz`, `/status` and `/metrics` tell.
    """
    serving = serving or Serving()
    gate = Middleware(
        Gate,
        access=serving.access,
        limits=serving.limits,
        uploads=serving.uploads,
        mcp=serving.mcp,
        refused=serving.refused,
    )
    access = serving.access
    return {
        "server_name": access.host,
        "auth": list(access.passwords) or None,
        "ssl_certfile": None if access.certificate is None else str(access.certificate),
        "ssl_keyfile": None if access.key is None else str(access.key),
        "ssl_verify": False,  # Gradio asks its own address whether it answers, and a certificate is made for another name
        "app_kwargs": {"middleware": [gate, Middleware(Polite)], "routes": [] if health is None else routes(health, serving)},
        "theme": theme(),
        "css": CSS,
        "head": HEAD + gradio_words.script(),
        "i18n": translations(serving.limits.shown, place=access.place),
        "max_file_size": serving.limits.largest_upload_bytes,
        "max_threads": MOST_THREADS,
        "footer_links": ["api"],
        "run_history": False,
        "enable_monitoring": False,
        "share": False,
        "ssr_mode": False,
        "mcp_server": serving.mcp,
        "pwa": False,
    }
