"""Puts the pages together, and says how they are served.

demo = build(Classifier("models/attitude.onnx"), Choice({"whole": Whole()}))
demo.launch(**launch_settings())
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware

from dashboard import lessons, live, model, photos, seats, teach, video
from dashboard.charts import html
from dashboard.choice import Choice
from dashboard.live_camera import MachineCamera
from dashboard.polite import Polite
from dashboard.texts import shown, translations
from dashboard.theme import CSS, HEAD, theme
from inference import Classifier
from inference.gathering import Gathering
from inference.limits import limits


def build(
    classifier: Classifier,
    choice: Choice,
    camera: MachineCamera | None = None,
    record: Path | None = None,
    others: Sequence[MachineCamera] = (),
    gathering: Gathering | None = None,
) -> gr.Blocks:
    """All pages around one model and the ways of saying where the students are.

    `camera` is one of this machine, which the Live page shows first, `others` are further ones; `record` is a file of recorded
    lessons to show; `gathering` a folder that photographs are gathered in, without which there is no such page.
    """
    demo: gr.Blocks
    keep = (photos.CLEAN_EVERY_SECONDS, photos.KEEP_SECONDS)
    with gr.Blocks(title="態度 Taido", analytics_enabled=False, delete_cache=keep) as demo:
        html(
            f'<header class="taido-header"><h1><span lang="ja">態度</span> Taido</h1><p>{shown("tagline")}</p></header>',
            elem_id="taido-header",
        )
        with gr.Tabs():
            with gr.Tab(shown("photos_tab"), id="photos"):
                photos.build(classifier, choice)
            with gr.Tab(shown("live_tab"), id="live") as tab:
                live.build(classifier, choice, demo, tab, [*([] if camera is None else [camera]), *others])
            with gr.Tab(shown("video_tab"), id="video"):
                video.build(classifier, choice, demo)
            with gr.Tab(shown("seats_tab"), id="seats"):
                connect = seats.build(choice, demo, camera)
            with gr.Tab(shown("lessons_tab"), id="lessons") as tab:
                lessons.build(record, tab)
            if gathering is not None:
                with gr.Tab(shown("teach_tab"), id="teach"):
                    teach.build(classifier, choice, gathering, demo)
            with gr.Tab(shown("model_tab"), id="model"):
                model.build(classifier, choice.finder, demo)
        connect()
    demo.queue(max_size=limits().waiting_calls)
    return demo


def launch_settings() -> dict[str, Any]:
    """Arguments for `launch`: our look and language, nothing shared, nothing recorded, nothing asked from other hosts."""
    values: dict[str, object] = {
        "files": photos.MAX_FILES,
        "size": f"{photos.MAX_MEGABYTES:g} MB",
        "video_size": f"{video.MAX_GIGABYTES:g} GB",
        "video_hours": f"{video.LONGEST_HOURS:g}",
    }
    return {
        "theme": theme(),
        "css": CSS,
        "head": HEAD,
        "i18n": translations(values),
        "max_file_size": limits().video_bytes,
        "footer_links": ["api"],
        "app_kwargs": {"middleware": [Middleware(Polite)]},
        "run_history": False,
        "enable_monitoring": False,
        "share": False,
        "ssr_mode": False,
        "mcp_server": False,
        "pwa": False,
    }
