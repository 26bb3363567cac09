"""The endpoints, through `gradio_client` against a launched app."""

import asyncio
import base64
import json
import re
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import cv2
import gradio as gr
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from pydantic import TypeAdapter

from dashboard import Access, Choice, Serving, api, model, photos
from dashboard.answers import ClassNumbers, PhotosAnswer, Row, VideoAnswer
from dashboard.limits import Limits
from inference import Classifier, limits
from inference.errors import ProviderError
from inference.predictions import Place, Prediction, Predictions
from inference.session import Session
from inference.students import Whole
from tests.dashboard.served import ROOT, running_app

MakePhoto = Callable[..., Path]
MakeRoom = Callable[..., Path]
ROOM = {(8, 8, 16, 16): "red", (40, 8, 48, 16): "blue", (72, 40, 80, 48): "blue"}


@pytest.fixture(scope="module")
def client(tiny_model: Path, tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    arguments = ["--model", str(tiny_model), "--finder", str(tiny_finder), "--provider", "cpu"]
    with running_app(arguments, tmp_path_factory.mktemp("temporary")) as served:
        client = Client(served.address, verbose=False, download_files=str(tmp_path_factory.mktemp("downloads")))
        yield client
        client.close()


def test_classify_photos_answers_rows_failures_and_summary(client: Client, make_photo: MakePhoto) -> None:
    text = make_photo("notes.jpg")
    text.write_text("not a picture", encoding="utf-8")
    files = [make_photo("a.png", "red"), make_photo("b.png", "blue"), text]
    answer = client.predict([handle_file(str(path)) for path in files], api_name="/classify_photos")
    assert [(row["file"], row["label"]) for row in answer["rows"]] == [("a.png", "red"), ("b.png", "blue")]
    assert set(answer["rows"][0]["scores"]) == {"red", "green", "blue"}
    assert [failure["file"] for failure in answer["failures"]] == ["notes.jpg"]
    assert answer["summary"]["counts"] == {"red": 1, "green": 0, "blue": 1}
    assert answer["summary"]["shares"] is None


def test_classify_photos_takes_each_photo_as_one_student_unless_asked_otherwise(client: Client, make_room: MakeRoom) -> None:
    room = handle_file(str(make_room("room.png", ROOM)))
    answers = [client.predict([room], api_name="/classify_photos"), client.predict([room], "whole", api_name="/classify_photos")]
    assert answers[0] == answers[1]
    assert [row["file"] for row in answers[0]["rows"]] == ["room.png"]
    assert "box" not in answers[0]["rows"][0]


def test_classify_photos_of_a_class_answers_every_student_with_a_box(client: Client, make_room: MakeRoom) -> None:
    photos = [handle_file(str(path)) for path in (make_room("room.png", ROOM), make_room("empty.png", {}))]
    answer = client.predict(photos, students="finder", api_name="/classify_photos")
    assert {(tuple(round(side) for side in row["box"]), row["label"]) for row in answer["rows"]} == set(ROOM.items())
    assert [row["student"] for row in answer["rows"]] == [1, 2, 3]
    assert answer["students"] == {"room.png": 3, "empty.png": 0}
    assert answer["summary"]["counts"] == {"red": 1, "green": 0, "blue": 2}


def test_classify_photos_refuses_an_unknown_way_and_names_the_known_ones(client: Client) -> None:
    with pytest.raises(AppError, match="one of whole, finder, got 'rows'"):
        client.predict([], students="rows", api_name="/classify_photos")


def test_classify_photos_of_nothing_is_an_empty_class(client: Client) -> None:
    answer = client.predict([], api_name="/classify_photos")
    assert answer["rows"] == []
    assert answer["summary"]["students"] == 0


def test_classify_photos_reads_no_file_of_the_server(client: Client, make_photo: MakePhoto) -> None:
    secret = {"path": str(make_photo("secret.png", "red")), "meta": {"_type": "gradio.FileData"}}
    address = f"{client.src}gradio_api/call/classify_photos"
    body = json.dumps({"data": [[secret], "whole"]}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request, timeout=30)
    with refused.value as answer:
        said = answer.read().decode()
    assert answer.status == 400
    assert "secret.png" not in said


def test_types_of_the_answers_stand_in_the_description_of_the_api(client: Client) -> None:
    described = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    for endpoint, wanted in {
        "/classify_photos": {"rows", "failures", "summary"},
        "/classify_encoded": {"rows", "failures", "summary"},
        "/summarise_video": {"whole", "intervals", "changes"},
        "/class_summary": {"state", "now", "lesson"},
    }.items():
        schema = described[endpoint]["returns"][0]["type"]
        assert schema["type"] == "object"
        assert wanted <= set(schema["required"])
        assert "$ref" not in json.dumps(schema)


def test_classify_encoded_takes_pictures_within_the_request(client: Client, make_photo: MakePhoto) -> None:
    red = base64.b64encode(make_photo("a.png", "red").read_bytes()).decode()
    pictures = [red, f"data:image/png;base64,{red}", "no base64!", base64.b64encode(b"no picture").decode()]
    answer = client.predict(pictures, api_name="/classify_encoded")
    assert [(row["file"], row["label"]) for row in answer["rows"]] == [("picture 1", "red"), ("picture 2", "red")]
    messages = {failure["file"]: failure["message"] for failure in answer["failures"]}
    assert "is not written in base64" in messages["picture 3"]
    assert "is not a picture" in messages["picture 4"]
    TypeAdapter(PhotosAnswer).validate_python(answer, strict=True)


@pytest.fixture(scope="module")
def classifier(tiny_model: Path) -> Classifier:
    return Classifier(tiny_model, provider="cpu", threads=1)


def in_base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def test_call_that_takes_too_long_is_refused_however_its_pictures_come(
    classifier: Classifier, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (api, photos):
        monkeypatch.setattr(module, "of_this_process", lambda: limits.Limits(call_seconds=0))
    photo = make_photo("a.png", "red")
    for call in (
        lambda: api.encoded(classifier, [in_base64(photo)], Whole()),
        lambda: photos.answer_to(classifier, [str(photo)], Whole()),
    ):
        with pytest.raises(gr.Error, match="took more than 0 seconds"):
            call()


def test_device_that_is_lost_is_told_to_pages_and_programs(
    tiny_model: Path, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(session: Session, frames: np.ndarray) -> list[np.ndarray]:
        raise ProviderError("Provider 'cuda' stopped working.", code="provider_lost", name="cuda")

    monkeypatch.setattr(Session, "run", stop)
    lost, choice, serving = Classifier(tiny_model, provider="cpu", threads=1), Choice({"whole": Whole()}), Serving.of(Access())
    photo = make_photo("a.png", "red")

    async def pages() -> gr.Blocks:  # within a loop, see tests.dashboard.launched
        with gr.Blocks() as demo:
            photos.build(lost, choice, serving)
            api.build(lost, choice, None, serving)
            model.build(lost, None, demo)
        return demo

    calls = {call.name: call.fn for call in asyncio.run(pages()).fns.values()}
    request = SimpleNamespace(headers={"accept-language": "ja"}, session_hash="")
    summary, *rest = calls["classify"]([str(photo)], "whole", request, lambda *given, **more: None)
    assert "実行環境 cuda が止まりました" in summary and all(not update["visible"] for update in rest)
    assert "実行環境 cuda が止まりました" in calls["measure"](request)
    for call in (
        lambda: calls["classify_photos"]([str(photo)]),
        lambda: calls["classify_encoded"]([in_base64(photo)]),
    ):
        with pytest.raises(gr.Error, match="Provider 'cuda' stopped working"):
            call()


def test_picture_in_base64_that_is_too_large_costs_no_other(classifier: Classifier, make_photo: MakePhoto) -> None:
    pictures = [in_base64(make_photo("large.bmp", size=(300, 300))), in_base64(make_photo("small.png", "red", (8, 8)))]
    predictions = api.encoded(classifier, pictures, Whole(), Limits(photo_megabytes=0.1))
    assert [row.file for row in predictions.rows] == ["picture 2"]
    assert "picture 1 has 0 MB; at most 0.1 MB of a photograph are read" in predictions.failures[0].message


def test_failures_stand_in_the_order_of_the_files_whatever_was_wrong(classifier: Classifier, make_photo: MakePhoto) -> None:
    large, bad = make_photo("large.bmp", size=(300, 300)), make_photo("bad.png")
    bad.write_text("no picture", encoding="utf-8")
    small = Limits(photo_megabytes=0.1)
    failures = api.encoded(classifier, ["no base64!", in_base64(bad), in_base64(large)], Whole(), small).failures
    assert [failure.file for failure in failures] == ["picture 1", "picture 2", "picture 3"]
    failures = photos.classify_paths(classifier, [str(large), str(bad)], Whole(), small).failures
    assert [failure.file for failure in failures] == ["large.bmp", "bad.png"]


def test_types_of_the_answers_have_everything_that_is_answered() -> None:
    place = Place(1, (0.0, 0.0, 8.0, 8.0), 0.9)
    table = Predictions(("red", "green"), (Prediction("a.jpg", "uncertain", (0.5, 0.5), place),), rooms=("a.jpg",))
    answer = table.to_dict()
    assert answer["summary"]["uncertain"] == 1
    for part, kind in ((answer, PhotosAnswer), (answer["summary"], ClassNumbers), (answer["rows"][0], Row)):
        assert part.keys() <= kind.__annotations__.keys()
    TypeAdapter(PhotosAnswer).validate_python(answer, strict=True)


def test_class_summary_needs_a_camera(client: Client) -> None:
    with pytest.raises(AppError, match="Start the app with --source"):
        client.predict(api_name="/class_summary")


def test_model_info_names_classes_and_provider(client: Client) -> None:
    answer = client.predict(api_name="/model_info")
    assert answer["provider"] == "cpu"
    assert list(answer["spec"]["class_names"]) == ["red", "green", "blue"]
    assert answer["finder"]["file"] == "tiny-finder.onnx"
    assert answer["finder"]["spec"]["task"] == "find"


def test_api_has_no_endpoint_but_the_five(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)
    assert set(endpoints["named_endpoints"]) == {
        "/classify_encoded",
        "/classify_photos",
        "/class_summary",
        "/model_info",
        "/summarise_video",
    }
    assert endpoints["unnamed_endpoints"] == {}


def test_photos_page_starts_with_the_class_and_live_page_with_one_student(client: Client) -> None:
    properties = {component["props"].get("elem_id"): component["props"] for component in client.config["components"]}
    assert properties["photos-students"]["value"] == "finder"
    assert properties["live-students"]["value"] == "whole"
    assert "photos-students-note" not in properties


def test_page_says_why_it_cannot_find_students(tiny_model: Path, tmp_path: Path) -> None:
    program = f"""
import app
from pathlib import Path
app.DEFAULT_FINDER = Path({str(tmp_path / "none.onnx")!r})
print({{block.elem_id for block in app.build({str(tiny_model)!r}, "cpu").blocks.values()}})
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "photos-students-note" in done.stdout


def test_summarise_video_answers_means_and_intervals(client: Client, tmp_path: Path) -> None:
    film = tmp_path / "lesson.avi"
    writer = cv2.VideoWriter(str(film), cv2.VideoWriter.fourcc(*"MJPG"), 4, (96, 64))
    for _ in range(48):
        writer.write(np.full((64, 96, 3), (0, 0, 255), np.uint8))
    writer.release()
    answer = client.predict(handle_file(str(film)), api_name="/summarise_video")
    assert answer["whole"]["counts"]["red"] == pytest.approx(1)
    assert [interval["start"] for interval in answer["intervals"]] == [0, 10]
    assert answer["changes"] == []
    TypeAdapter(VideoAnswer).validate_python(answer)


def test_summarise_video_says_what_is_wrong_without_the_place_on_the_server(client: Client, tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("no video", encoding="utf-8")
    with pytest.raises(AppError, match=r"^notes\.mp4 is not a video"):
        client.predict(handle_file(str(tmp_path / "notes.mp4")), api_name="/summarise_video")


def test_snippet_of_the_documentation_runs(
    client: Client, make_photo: MakePhoto, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = (ROOT / "docs" / "API.md").read_text(encoding="utf-8")
    (snippet,) = re.findall(r"```python\n(.*?)```", written, re.DOTALL)
    assert "http://127.0.0.1:7860" in snippet
    for name, colour in {"one.jpg": "red", "two.jpg": "blue"}.items():
        monkeypatch.chdir(make_photo(name, colour).parent)
    exec(snippet.replace("http://127.0.0.1:7860", client.src), {})
    printed = capsys.readouterr().out
    assert "one.jpg red" in printed and "two.jpg blue" in printed
    assert "2 {'red': 1, 'green': 0, 'blue': 1}" in printed


def test_documentation_names_every_endpoint_and_no_other(client: Client) -> None:
    endpoints = set(client.view_api(return_format="dict", print_info=False)["named_endpoints"])
    for name in ("API.md", "API.ja.md"):
        written = (ROOT / "docs" / name).read_text(encoding="utf-8")
        assert set(re.findall(r"^\| `(/\w+)`", written, re.MULTILINE)) == endpoints
