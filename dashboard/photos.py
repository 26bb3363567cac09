"""The Photos page: drop photographs, see every student's attitude, the class's summary and the table.

The same classification is the endpoint `/classify_photos`; `students` says what a photograph shows, one student without it:

    from gradio_client import Client, handle_file
    client = Client("http://127.0.0.1:7860")
    client.predict([handle_file("a.jpg"), handle_file("b.jpg")], students="finder", api_name="/classify_photos")
"""

import tempfile
import time
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.processing_utils import save_file_to_cache

from dashboard.answers import PhotosAnswer, typed_json
from dashboard.charts import card, count_bars, html, problems, quiet, waiting
from dashboard.choice import Choice, radio
from dashboard.error_texts import told, told_to_programs
from dashboard.gallery import Card, cards
from dashboard.limits import HOME, Limits
from dashboard.marked_zip import TABLE_NAME, zip_file
from dashboard.serving import Serving
from dashboard.spreadsheet import for_spreadsheets
from dashboard.texts import Language, answer, attitude, how_many, language_of, shown, text
from inference import Classifier, TaidoError
from inference.decision import UNCERTAIN_NAME
from inference.errors import ImageError
from inference.images import IMAGE_SUFFIXES
from inference.limits import limits as of_this_process
from inference.masked import masks_of
from inference.masks import Masks
from inference.output import write_whole
from inference.predictions import Failure, Predictions, classify_files, csv_text
from inference.students import WHOLE, Students
from inference.summary import LEAST_FOR_SHARES, ClassSummary

CSV_NAME = TABLE_NAME


def build(classifier: Classifier, choice: Choice, serving: Serving) -> None:
    """Add the page and the endpoint to the surrounding Blocks."""
    limits = serving.limits
    html(shown("photos_intro"), elem_id="photos-intro", note=True)
    way = radio(choice, choice.start, "photos-students")
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
    with gr.Row():
        download = gr.DownloadButton(str(shown("download_csv")), visible=False, min_width=240, elem_id="photos-download")
        pack = gr.DownloadButton(str(shown("download_zip")), visible=False, min_width=240, elem_id="photos-zip")

    def classify(
        paths: list[str] | None,
        name: str,
        request: gr.Request,
        progress: gr.Progress = gr.Progress(),  # noqa: B008
    ) -> tuple[Any, ...]:
        nothing = [gr.update(visible=False, value=None)] * 4
        if not paths:
            return waiting("photos_waiting"), *nothing
        language = language_of(request)
        try:
            return classified(paths, name, request, language, progress)
        except TaidoError as error:
            return problems(told(error, language), language), *nothing

    def classified(
        paths: list[str], name: str, request: gr.Request, language: Language, progress: gr.Progress
    ) -> tuple[Any, ...]:
        given, paths = len(paths), paths[: limits.photos]
        students = choice.students(name)
        advance = _advance(progress, len(paths), "photos_working", language)
        predictions = classify_paths(classifier, paths, students, limits, advance)
        pictures = _pictures(predictions, paths, language, gallery.GRADIO_CACHE, progress, masks_of(students))
        found = bool(predictions.rows)
        headers, rows = score_table(predictions, language)
        csv = csv_file(predictions, download.GRADIO_CACHE) if found else None
        made = [picture for picture, _ in pictures]
        packed = zip_file(predictions, pictures, dict(_named(paths)), pack.GRADIO_CACHE) if pictures else None
        serving.uploads.remember(request.session_hash or "", [*paths, *made, *filter(None, (csv, packed))])
        return (
            show(predictions, given, language, limits),
            gr.update(value=pictures, visible=bool(pictures), elem_classes=["taido-rooms"] if predictions.rooms else []),
            gr.update(value=rows, headers=headers, visible=found),
            gr.update(value=csv, visible=found),
            gr.update(value=packed, visible=bool(pictures)),
        )

    gr.on(
        [photos.change, way.change],
        classify,
        [photos, way],
        [summary, gallery, table, download, pack],
        api_visibility="private",
        show_progress_on=summary,
        trigger_mode="always_last",
    )
    _add_endpoint(classifier, choice, limits)


def _add_endpoint(classifier: Classifier, choice: Choice, limits: Limits) -> None:
    """A File component of its own, because Gradio lets it read nothing but what a client has uploaded."""
    files = gr.File(file_count="multiple", visible=False, label="photos")
    way = gr.Textbox(WHOLE, visible=False, label="students", info=f"one of {', '.join(choice.known)}")
    result = typed_json(PhotosAnswer, "rows, failures and summary")

    def classify_photos(photos: list[str] | None, students: str | None = WHOLE) -> PhotosAnswer:
        """Scores of each student with the box, photographs that could not be read, and counts and shares over all of them."""
        return answer_to(classifier, photos or [], choice.students(students), limits)

    gr.Button(visible=False).click(classify_photos, [files, way], result, api_name="classify_photos")


def answer_to(classifier: Classifier, paths: list[str], students: Students, limits: Limits = HOME) -> PhotosAnswer:
    """The endpoint's answer; `gr.Error`, which travels to the client, for too many photographs or a model that stops."""
    if len(paths) > limits.photos:
        message = f"Expected at most {limits.photos} photographs, got {len(paths)}. Send them in several calls."
        raise gr.Error(message, print_exception=False)
    with told_to_programs():
        answer: Any = classify_paths(classifier, paths, students, limits, in_time(of_this_process().call_seconds)).to_dict()
    return answer


def in_time(seconds: float) -> Callable[[int], None]:
    """What a call asks between two photographs; `gr.Error` when it has worked for so long."""
    end = time.monotonic() + seconds

    def check(_done: int) -> None:
        if time.monotonic() > end:
            raise gr.Error(f"This call took more than {seconds:g} seconds. Send fewer photographs.", print_exception=False)

    return check


def classify_paths(
    classifier: Classifier, paths: list[str], students: Students, limits: Limits = HOME, progress: Any = None
) -> Predictions:
    """Classify uploaded files under their own names; messages name the file and not its place on the server."""
    files = _named(paths)
    sizes = {name: path.stat().st_size / 1e6 for name, path in files}
    most = limits.photo_megabytes
    small = [(name, path) for name, path in files if sizes[name] <= most]
    predictions = classify_files(classifier, small, students=None if students.name == WHOLE else students, progress=progress)
    heavy = [too_large(name, size, most) for name, size in sizes.items() if size > most]
    return predictions.with_failures(heavy, sizes)


def too_large(name: str, megabytes: float, most: float) -> Failure:
    """That so many megabytes of a photograph are not read."""
    message = f"{name} has {megabytes:.0f} MB; at most {most:g} MB of a photograph are read. Make it smaller."
    error = ImageError(message, code="photo_heavy", name=name, size=f"{megabytes:.0f}", most=f"{most:g}")
    return Failure(name, message, error)


def _named(paths: list[str]) -> list[tuple[str, Path]]:
    """File names, made different where several photographs have the same: `a.jpg`, `a.jpg (2)`."""
    seen: dict[str, int] = {}
    named = []
    for path in map(Path, paths):
        seen[path.name] = seen.get(path.name, 0) + 1
        named.append((path.name if seen[path.name] == 1 else f"{path.name} ({seen[path.name]})", path))
    return named


def _pictures(
    predictions: Predictions, paths: list[str], language: Language, cache: str, progress: gr.Progress, masks: Masks | None
) -> list[Card]:
    pictures = []
    count = len(predictions.rows if predictions.rooms is None else predictions.rooms)
    advance = _advance(progress, count, "photos_drawing", language)
    for picture in cards(predictions, dict(_named(paths)), language, cache, masks):
        pictures.append(picture)
        advance(1)
    return pictures


def _advance(progress: gr.Progress, total: int, key: str, language: Language) -> Callable[[int], None]:
    """What moves the bar of the page on by a number of photographs."""
    done = 0

    def advance(count: int) -> None:
        nonlocal done
        done += count
        progress((done, total), desc=text(key, language), unit=text("unit_pictures", language))

    return advance


def show(predictions: Predictions, given: int, language: Language, limits: Limits = HOME) -> str:
    """Summary, and what could not be shown and why, as HTML; `given` counts the photographs before the limit."""
    return _summary(predictions, given, limits.photos, language) + _problems(predictions.failures, language)


def _summary(predictions: Predictions, given: int, most: int, language: Language) -> str:
    summary = predictions.summary
    students = how_many(summary.students, language, found=predictions.rooms is not None)
    body = count_bars(*_with_uncertain(summary), language, text("summary_chart", language))
    if not predictions.rows and not predictions.rooms:
        body = quiet(text("photos_none_read", language))
    elif summary.students and summary.shares is None:
        body += quiet(text("shares_from", language, students=LEAST_FOR_SHARES))
    if given > most:
        body += quiet(text("photos_too_many", language, given=given, limit=most))
    return card(text("summary_title", language), body, aside=students)


def _with_uncertain(summary: ClassSummary) -> tuple[list[str], list[int], list[float] | None]:
    """Names, counts and shares of the classes and, where there are any, of those of whom no class can be said."""
    names, counts, shares = list(summary.class_names), list(summary.counts), summary.shares
    if not summary.uncertain:
        return names, counts, None if shares is None else list(shares)
    share = [] if shares is None else [*shares, summary.uncertain / summary.students]
    return [*names, UNCERTAIN_NAME], [*counts, summary.uncertain], share or None


def _problems(failures: tuple[Failure, ...], language: Language) -> str:
    if not failures:
        return ""
    items = "".join(f"<li>{escape(_failure(failure, language))}</li>" for failure in failures)
    return card(text("failures_title", language, count=len(failures)), f"<ul>{items}</ul>", extra_class="taido-problems")


def _failure(failure: Failure, language: Language) -> str:
    """What was wrong, with the name of the photograph in it."""
    known = language == "ja" and failure.error is not None and failure.error.code
    message = told(failure.error, language) if known and failure.error is not None else failure.message
    return message if failure.file in message else f"{failure.file}: {message}"


def score_table(predictions: Predictions, language: Language) -> tuple[list[str], list[list[str | float]]]:
    """Headers and one line per student; the scores are numbers (percent), so that a click on a column sorts them."""
    number = [] if predictions.rooms is None else [text("table_student", language)]
    names = [f"{attitude(name, language)} %" for name in predictions.class_names]
    rows: list[list[str | float]] = [
        [
            row.file,
            *([] if row.place is None else [row.place.student]),
            answer(row.label, predictions.class_names, language),
            *(round(100 * score, 1) for score in row.scores),
        ]
        for row in predictions.rows
    ]
    return [text("table_file", language), *number, text("table_attitude", language), *names], rows


def csv_file(predictions: Predictions, cache: str) -> str:
    """The table as a file in Gradio's cache, from where it is deleted with the photographs."""
    with tempfile.TemporaryDirectory(dir=cache) as folder:  # goes with the uploads, however the program ends
        path = Path(folder) / CSV_NAME
        write_whole(path, for_spreadsheets(csv_text(predictions)))
        return str(save_file_to_cache(path, cache))
