"""The door: `python app.py` shows the dashboard on this machine; it is also the app file of a Hugging Face Space.

    python app.py --port 8000 --model models/attitude.onnx

Uploads lie in a private temporary folder that is deleted when the program ends.
"""

import argparse
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read while Gradio is imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr

import dashboard
from inference import Classifier, TaidoError
from inference.providers import Provider

DEFAULT_MODEL = Path(__file__).resolve().parent / "models" / "attitude.onnx"


def build(model: str | Path = DEFAULT_MODEL, provider: str = "auto") -> gr.Blocks:
    """The dashboard around one model. Raises ModelError or ProviderError."""
    return dashboard.build(Classifier(model, provider=provider))


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line; a Space hands host and port through the environment."""
    environment = os.environ
    parser = argparse.ArgumentParser(prog="app.py", description="Shows the attitudes of a class in the browser, on this machine.")
    parser.add_argument("--host", default=environment.get("GRADIO_SERVER_NAME", "127.0.0.1"), help="address (%(default)s)")
    parser.add_argument("--port", type=int, default=environment.get("GRADIO_SERVER_PORT", "7860"), help="port (%(default)s)")
    parser.add_argument("--model", type=Path, default=DEFAULT_MODEL, help="file written by `python -m export` (the bundled one)")
    parser.add_argument("--provider", default="auto", choices=get_args(Provider), help="what computes (%(default)s)")
    return parser.parse_args(arguments)


def serve(host: str, port: int, model: Path, provider: str) -> None:
    """Serve until interrupted. Raises TaidoError if the model or the port cannot be had."""
    with private_uploads():
        demo = build(model, provider)
        print(f"Taido is starting on http://{_address(host)}:{port} (stop it with Ctrl+C)", flush=True)
        try:
            demo.launch(server_name=host, server_port=port, quiet=True, **dashboard.launch_settings())
        except OSError as error:
            raise TaidoError(f"Cannot listen on {host}:{port} (is it in use?). Choose another with --port or --host.") from error


@contextmanager
def private_uploads() -> Iterator[Path]:
    """A folder for uploads that only this user can read, deleted at the end; GRADIO_TEMP_DIR, where set, is left in charge."""
    if "GRADIO_TEMP_DIR" in os.environ:
        yield Path(os.environ["GRADIO_TEMP_DIR"])
        return
    with tempfile.TemporaryDirectory(prefix="taido-", ignore_cleanup_errors=True) as folder:
        os.environ["GRADIO_TEMP_DIR"] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ["GRADIO_TEMP_DIR"]


def _address(host: str) -> str:
    """What a person types for the address to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on stderr."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # so that the uploads are deleted then, too
    try:
        serve(options.host, options.port, options.model, options.provider)
    except TaidoError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    return 0


if __name__ == "__main__":
    sys.exit(main())
