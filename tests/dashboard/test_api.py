"""The endpoints, through `gradio_client` against a launched app."""

import json
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gradio_client import Client, handle_file

from tests.dashboard.served import running_app

MakePhoto = Callable[..., Path]


@pytest.fixture(scope="module")
def client(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with running_app(["--model", str(tiny_model), "--provider", "cpu"], tmp_path_factory.mktemp("temporary")) as served:
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
    assert answer["summary"]["shares"] == {"red": 0.5, "green": 0, "blue": 0.5}


def test_classify_photos_of_nothing_is_an_empty_class(client: Client) -> None:
    answer = client.predict([], api_name="/classify_photos")
    assert answer["rows"] == []
    assert answer["summary"]["students"] == 0


def test_classify_photos_reads_no_file_of_the_server(client: Client, make_photo: MakePhoto) -> None:
    secret = {"path": str(make_photo("secret.png", "red")), "meta": {"_type": "gradio.FileData"}}
    address = f"{client.src}gradio_api/call/classify_photos"
    body = json.dumps({"data": [[secret]]}).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=30) as answer:
        event = json.load(answer)["event_id"]
    with urllib.request.urlopen(f"{address}/{event}", timeout=30) as stream:
        answer = stream.read().decode()
    assert "event: error" in answer
    assert "secret.png" not in answer.replace(str(secret["path"]), "")


def test_model_info_names_classes_and_provider(client: Client) -> None:
    answer = client.predict(api_name="/model_info")
    assert answer["provider"] == "cpu"
    assert list(answer["spec"]["class_names"]) == ["red", "green", "blue"]


def test_api_has_no_endpoint_but_the_two(client: Client) -> None:
    endpoints = client.view_api(return_format="dict", print_info=False)
    assert set(endpoints["named_endpoints"]) == {"/classify_photos", "/model_info"}
    assert endpoints["unnamed_endpoints"] == {}
