"""The Photos page: drop photographs, see each one's attitude, the class's summary and the table.

The same classification is the endpoint `/classify_photos`:

    from gradio_client import Client, handle_file
    Client("http://127.0.0.1:7860").predict([handle_file("a.jpg"), handle_file("b.jpg")], api_name="/classify_photos")
"""

import tempfile
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_file_to_cache
from PIL import Image, ImageOps

from dashboard.charts import card, count_bars, html, percent, quiet, waiting
from dashboard.texts import Language, attitude, language_of, shown, text
from inference import Classifier, decode
from inference.images import IMAGE_SUFFIXES
from inference.predictions import Failure, Predictions, classify_files, write_csv

MAX_FILES = 200
"""Photographs that are shown at once."""
MAX_FILE_SIZE = "50mb"
"""Of one photograph, in Gradio's notation."""
KEEP_SECONDS = 3000
"""Uploaded photographs are deleted when they are older than this."""
CLEAN_EVERY_SECONDS = 300
"""How often it is looked for old ones; the page promises that none is older than an hour."""
CSV_NAME = "taido-attitudes.csv"
THUMBNAIL_WH = (640, 640)
"""Largest size of a picture in the gallery, pixels."""


def build(classifier: Classifier) -> None:
    """Add the page and the endpoint to the surrounding Blocks."""
    html(shown("photos_intro"), elem_id="photos-intro", note=True)
    photos = gr.File(
        file_count="multiple", file_types=sorted(IMAGE_SUFFIXES), label=shown("photos_drop"), height=190, elem_id="photos-drop"
    )
    summary = html(waiting("photos_waiting"), elem_id="photos-summary")
    gallery = gr.Gallery(
        label=shown("gallery_label"),
        show_label=False,
        object_fit="contain",
        interactive=False,
        buttons=["fullscreen"],
        visible=False,
        elem_id="photos-gallery",
    )
    table = gr.Dataframe(label=shown("table_label"), interactive=False, visible=False, elem_id="photos-table", buttons=[])
    download = gr.DownloadButton(str(shown("download_csv")), visible=False, elem_id="photos-download")

    def classify(paths: list[str] | None, request: gr.Request, progress: gr.Progress = gr.Progress()) -> tuple[Any, ...]:  # noqa: B008
        language = language_of(request)
        if not paths:
            return waiting("photos_waiting"), *(gr.update(visible=False, value=None) for _ in range(3))
        predictions = _classify(classifier, paths, language, progress)
        found = bool(predictions.rows)
        headers, rows = score_table(predictions, language)
        return (
            show(predictions, len(paths), language),
            gr.update(value=cards(predictions, paths, language), visible=found),
            gr.update(value=rows, headers=headers, visible=found),
            gr.update(value=csv_file(predictions, download.GRADIO_CACHE) if found else None, visible=found),
        )

    photos.change(classify, photos, [summary, gallery, table, download], api_visibility="private", show_progress_on=summary)
    _add_endpoint(classifier)


def _add_endpoint(classifier: Classifier) -> None:
    """A File component of its own, because Gradio lets it read nothing but what a client has uploaded."""
    files = gr.File(file_count="multiple", visible=False, label="photos")
    result = gr.JSON(visible=False, label="rows, failures and summary")

    def classify_photos(photos: list[str] | None) -> dict[str, Any]:
        """Scores of each photograph, photographs that could not be read, and counts and shares over all of them."""
        return answer_to(classifier, photos or [])

    gr.Button(visible=False).click(classify_photos, files, result, api_name="classify_photos")


def answer_to(classifier: Classifier, paths: list[str]) -> dict[str, Any]:
    """The endpoint's answer; `gr.Error`, which travels to the client, if there are more than MAX_FILES photographs."""
    if len(paths) > MAX_FILES:
        message = f"Expected at most {MAX_FILES} photographs, got {len(paths)}. Send them in several calls."
        raise gr.Error(message, print_exception=False)
    return classify_paths(classifier, paths).to_dict()


def classify_paths(classifier: Classifier, paths: list[str], progress: Any = None) -> Predictions:
    """Classify uploaded files under their own names; messages name the file and not its place on the server."""
    files = _named(paths)
    predictions = classify_files(classifier, files, progress=progress)
    places = {name: str(path) for name, path in files}
    failures = tuple(Failure(f.file, f.message.replace(places[f.file], f.file)) for f in predictions.failures)
    return Predictions(predictions.class_names, predictions.rows, failures)


def _named(paths: list[str]) -> list[tuple[str, Path]]:
    """File names, made different where several photographs have the same: `a.jpg`, `a.jpg (2)`."""
    seen: dict[str, int] = {}
    named = []
    for path in map(Path, paths):
        seen[path.name] = seen.get(path.name, 0) + 1
        named.append((path.name if seen[path.name] == 1 else f"{path.name} ({seen[path.name]})", path))
    return named


def _classify(classifier: Classifier, paths: list[str], language: Language, progress: gr.Progress) -> Predictions:
    paths = paths[:MAX_FILES]
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress((done, len(paths)), desc=text("photos_working", language))

    return classify_paths(classifier, paths, advance)


def show(predictions: Predictions, given: int, language: Language) -> str:
    """Summary, and what could not be shown and why, as HTML; `given` counts the photographs before the limit."""
    return _summary(predictions, given, language) + _problems(predictions.failures, language)


def _summary(predictions: Predictions, given: int, language: Language) -> str:
    summary = predictions.summary
    key = "summary_students_one" if summary.students == 1 else "summary_students_many"
    students = text(key, language, students=summary.students)
    body = count_bars(summary.class_names, summary.counts, summary.shares, language, text("summary_chart", language))
    if not predictions.rows:
        body = quiet(text("photos_none_read", language))
    if given > MAX_FILES:
        body += quiet(text("photos_too_many", language, given=given, limit=MAX_FILES))
    return card(text("summary_title", language), body, aside=students)


def _problems(failures: tuple[Failure, ...], language: Language) -> str:
    if not failures:
        return ""
    items = "".join(f"<li>{escape(failure.message)}</li>" for failure in failures)
    return card(text("failures_title", language, count=len(failures)), f"<ul>{items}</ul>", extra_class="taido-problems")


def cards(predictions: Predictions, paths: list[str], language: Language) -> list[tuple[Image.Image, str]]:
    """Small pictures with attitude, score and file name for the gallery."""
    places = dict(_named(paths))
    return [
        (thumbnail(places[row.file]), f"{attitude(row.label, language)} {percent(max(row.scores))} · {row.file}")
        for row in predictions.rows
    ]


def thumbnail(path: Path) -> Image.Image:
    """The picture upright and no larger than THUMBNAIL_WH; a JPEG is read at reduced size, which is several times faster."""
    with Image.open(path) as picture:
        if picture.format == "JPEG":
            picture.draft("RGB", THUMBNAIL_WH)
            small = ImageOps.exif_transpose(picture).convert("RGB")
        else:
            small = Image.fromarray(decode(path))
    small.thumbnail(THUMBNAIL_WH)
    return small


def score_table(predictions: Predictions, language: Language) -> tuple[list[str], list[list[str | float]]]:
    """Headers and one line per photograph; the scores are numbers (percent), so that a click on a column sorts them."""
    names = [f"{attitude(name, language)} %" for name in predictions.class_names]
    rows: list[list[str | float]] = [
        [row.file, attitude(row.label, language), *(round(100 * s, 1) for s in row.scores)] for row in predictions.rows
    ]
    return [text("table_file", language), text("table_attitude", language), *names], rows


def csv_file(predictions: Predictions, cache: str) -> str:
    """The table as a file in Gradio's cache, from where it is deleted with the photographs."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / CSV_NAME
        write_csv(predictions, path)
        return str(save_file_to_cache(path, cache))
