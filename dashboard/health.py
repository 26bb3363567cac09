"""What those who look after the app see: `/healthz` for machines, `/status` for a person, `/metrics` for Prometheus.

    routes(Health(classifier, choice, camera, demo), serving)

Numbers only: no names of files, no pictures, nothing of a single student. `/healthz` is open to everybody and says no more than
that the app works; the others ask for the password where there is one, and strangers on a Space do not see them.
"""

import importlib.metadata
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import gradio as gr
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dashboard import crowd, metrics
from dashboard.charts import card, facts
from dashboard.choice import Choice
from dashboard.live_camera import MachineCamera
from dashboard.serving import Serving
from dashboard.texts import Language, language_in, text
from dashboard.theme import STATUS_CSS
from inference import Classifier, words
from inference.tally import TALLY

REFRESH_SECONDS = 5
"""After which the status page asks anew."""


@dataclass(frozen=True)
class Health:
    """The running app."""

    classifier: Classifier
    choice: Choice
    camera: MachineCamera | None
    """The first one, if there are several."""
    demo: gr.Blocks
    clock: Callable[[], float] = time.monotonic
    started: float = field(default_factory=time.monotonic)

    def numbers(self, serving: Serving) -> dict[str, Any]:
        """Everything that is told, by name."""
        counts = TALLY.read().counts
        snapshot = None if self.camera is None else self.camera.monitor.snapshot
        return {
            "up_seconds": round(self.clock() - self.started, 1),
            "provider": self.classifier.provider,
            "frames": counts["frames"],
            "frames_failed": counts["frames_failed"],
            "photos": counts["photos"],
            "photos_failed": counts["photos_failed"],
            "skipped": None if snapshot is None else snapshot.source.skipped,
            "frames_per_second": None if snapshot is None else round(snapshot.frames_per_second, 1),
            "camera_gone_seconds": None if snapshot is None else snapshot.source.gone_seconds,
            "waiting": len(self.demo._queue),  # noqa: SLF001 - Gradio says nowhere else who waits
            "webcams": crowd.webcams(self.demo),
            "uploads_megabytes": round(serving.uploads.bytes() / 1e6, 1),
            "refused": sum(serving.refused.values()),
        }


def routes(health: Health, serving: Serving) -> list[Route]:
    """The addresses that this run has."""

    def healthz(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    def status(request: Request) -> Response:
        if "application/json" in request.headers.get("accept", ""):
            return JSONResponse(health.numbers(serving))
        return HTMLResponse(page(health.numbers(serving), language_in(request.headers.get("accept-language", ""))))

    def measured(_: Request) -> Response:
        written, kind = metrics.written(health.numbers(serving), TALLY.read(), serving.refused)
        return Response(written, media_type=kind)

    known = [Route("/healthz", healthz)]
    if not serving.access.space:
        known.append(Route("/status", status))
    if serving.metrics:
        known.append(Route("/metrics", measured))
    return known


def page(numbers: dict[str, Any], language: Language) -> str:
    """The status page: a whole document that asks for nothing else."""
    title = text("status_title", language)
    rows = [(text(f"status_{name}", language), _shown(name, value, language)) for name, value in numbers.items()]
    body = card(title, facts(rows), aside=f"Taido · Gradio {importlib.metadata.version('gradio')}")
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="refresh" content="{REFRESH_SECONDS}"><style>{STATUS_CSS}</style></head>'
        f"<body><main>{body}</main></body></html>"
    )


def _shown(name: str, value: object, language: Language) -> str:
    if value is None:
        return text("status_none", language)
    if name in ("up_seconds", "camera_gone_seconds") and isinstance(value, int | float):
        return words.duration(value, language)
    return value.upper() if isinstance(value, str) else f"{value:,}"
