"""Endpoints for programs that no page has: pictures sent within the request, and the first camera of the machine at this moment.

    curl http://127.0.0.1:7860/gradio_api/call/class_summary -H "Content-Type: application/json" -d '{"data": []}'

The others stand beside the page that does the same: `/classify_photos`, `/summarise_video` and `/model_info`. With --mcp all of
them are tools of the Model Context Protocol as well; `/classify_encoded` is there for those, since they have no upload.
"""

import base64
import binascii
from typing import Any

import gradio as gr

from dashboard.answers import CameraAnswer, ClassNumbers, PhotosAnswer, typed_json
from dashboard.choice import Choice
from dashboard.error_texts import told_to_programs
from dashboard.limits import HOME, Limits
from dashboard.live_camera import MachineCamera
from dashboard.photos import in_time, too_large
from dashboard.serving import Serving
from dashboard.video import answer as lesson_answer
from inference import Classifier
from inference.errors import AccessError
from inference.limits import limits as of_this_process
from inference.predictions import Failure, Predictions, classify_files
from inference.snapshot import Snapshot
from inference.students import WHOLE, Students


def build(classifier: Classifier, choice: Choice, camera: MachineCamera | None, serving: Serving) -> None:
    """Add the endpoints to the surrounding Blocks."""
    _add_encoded(classifier, choice, serving)
    _add_camera(camera)


def must_have_mcp() -> None:
    """Raises AccessError, before anything is started, where the library is not there."""
    try:
        import mcp  # noqa: F401
    except ImportError:
        raise AccessError("--mcp needs the package mcp. Run: pip install 'mcp>=1.21,<2'") from None


def _add_encoded(classifier: Classifier, choice: Choice, serving: Serving) -> None:
    pictures = typed_json(list[str], "pictures: a list of JPEG or PNG files, each in base64")
    way = gr.Textbox(WHOLE, visible=False, label="students", info=f"one of {', '.join(choice.known)}")
    result = typed_json(PhotosAnswer, "rows, failures and summary")

    def classify_encoded(pictures: list[str], students: str | None = WHOLE) -> PhotosAnswer:
        """Scores of each student in pictures that are sent within the request, in base64. Nothing is written to the disk.

        Args:
            pictures: JPEG, PNG or WebP files, each written in base64; they are called "picture 1", "picture 2" in the answer.
            students: "whole" if each picture shows one student, "finder" to find everybody in it.
        """
        if not isinstance(pictures, list) or not all(isinstance(picture, str) for picture in pictures):
            raise gr.Error("Expected a list of texts, each a picture in base64.", print_exception=False)
        if len(pictures) > serving.limits.photos:
            raise gr.Error(f"Expected at most {serving.limits.photos} pictures, got {len(pictures)}.", print_exception=False)
        with told_to_programs():
            answer: Any = encoded(classifier, pictures, choice.students(students), serving.limits).to_dict()
        return answer

    gr.Button(visible=False).click(
        classify_encoded, [pictures, way], result, api_name="classify_encoded", concurrency_id="photos", concurrency_limit=2
    )


def encoded(classifier: Classifier, pictures: list[str], students: Students, limits: Limits = HOME) -> Predictions:
    """Classify pictures in base64, with or without the beginning `data:image/jpeg;base64,`; `gr.Error` if it takes too long."""
    names = [f"picture {number}" for number in range(1, len(pictures) + 1)]
    files, failures = [], []
    for name, picture in zip(names, pictures, strict=True):
        read = _decoded(name, picture, limits.photo_megabytes)
        if isinstance(read, Failure):
            failures.append(read)
        else:
            files.append((name, read))
    each, check = None if students.name == WHOLE else students, in_time(of_this_process().call_seconds)
    return classify_files(classifier, files, students=each, progress=check).with_failures(failures, names)


def _decoded(name: str, picture: str, most_megabytes: float) -> bytes | Failure:
    try:
        data = base64.b64decode(picture.partition(",")[2] if picture.startswith("data:") else picture, validate=True)
    except (binascii.Error, ValueError):
        return Failure(name, f"{name} is not written in base64. Encode the bytes of the file.")
    megabytes = len(data) / 1e6
    return data if megabytes <= most_megabytes else too_large(name, megabytes, most_megabytes)


def _add_camera(camera: MachineCamera | None) -> None:
    result = typed_json(CameraAnswer, "the class now, and the lesson")

    def class_summary() -> CameraAnswer:
        """Counts and shares of the class before the first camera of this machine, now and in its lesson."""
        if camera is None:
            raise gr.Error("There is no camera. Start the app with --source.", print_exception=False)
        return summary_of(camera.monitor.snapshot)

    gr.Button(visible=False).click(class_summary, None, result, api_name="class_summary", concurrency_limit=None)


def summary_of(snapshot: Snapshot) -> CameraAnswer:
    """A snapshot without its picture and without any single student."""
    summary, names = snapshot.summary, snapshot.class_names
    now: ClassNumbers | None = None
    if summary is not None:
        shares = None if summary.shares is None else dict(zip(names, summary.shares, strict=True))
        now = {"students": summary.students, "counts": dict(zip(names, summary.counts, strict=True)), "shares": shares}
    return {
        "state": snapshot.state,
        "now": now,
        "uncertain": None if summary is None else summary.uncertain,
        "frames_per_second": round(snapshot.frames_per_second, 2),
        "problem": snapshot.problem,
        "lesson": lesson_answer(snapshot),
    }
