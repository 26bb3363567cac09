"""A model from a hub: pinned and verified. A small web server stands in for the hub; the real one is never asked."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from inference import Classifier
from inference.errors import ModelError
from inference.hub import HubModel, model_of_environment

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@contextmanager
def fake_hub(files: dict[str, bytes]) -> Iterator[tuple[str, list[str]]]:
    """The address of a hub that has these files at COMMIT, and what it was asked for."""
    asked: list[str] = []

    class Hub(BaseHTTPRequestHandler):
        def answer(self) -> None:
            asked.append(self.path)
            data = files.get(self.path.removeprefix(f"/somebody/attitudes/resolve/{COMMIT}/"))
            self.send_response(200 if data is not None else 404)
            if data is None:
                self.send_header("X-Error-Code", "EntryNotFound")
            self.send_header("X-Repo-Commit", COMMIT)
            self.send_header("ETag", f'"{hashlib.sha256(data or b"").hexdigest()}"')
            self.send_header("Content-Length", str(len(data or b"")))
            self.end_headers()
            if data is not None and self.command == "GET":
                self.wfile.write(data)

        do_GET = do_HEAD = answer  # noqa: N815

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_file_of_the_hub_is_a_model(tiny_model: Path, tmp_path: Path) -> None:
    data = tiny_model.read_bytes()
    wanted = HubModel("somebody/attitudes", COMMIT, hashlib.sha256(data).hexdigest())
    with fake_hub({"attitude.onnx": data}) as (address, asked):
        path = wanted.fetch(endpoint=address, cache=tmp_path)
    assert Classifier(path, provider="cpu").spec.class_names == ("red", "green", "blue")
    assert asked and all(place.endswith(f"/resolve/{COMMIT}/attitude.onnx") for place in asked)


def test_another_file_than_was_meant_is_refused_and_not_kept(tiny_model: Path, tmp_path: Path) -> None:
    wanted = HubModel("somebody/attitudes", COMMIT, "0" * 64)
    with fake_hub({"attitude.onnx": tiny_model.read_bytes()}) as (address, _), pytest.raises(ModelError, match="not the file"):
        wanted.fetch(endpoint=address, cache=tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == tiny_model.read_bytes()] == []


def test_damaged_file_is_fetched_anew_by_the_next_call(tiny_model: Path, tmp_path: Path) -> None:
    data = tiny_model.read_bytes()
    wanted = HubModel("somebody/attitudes", COMMIT, hashlib.sha256(data).hexdigest())
    with fake_hub({"attitude.onnx": data}) as (address, _):
        wanted.fetch(endpoint=address, cache=tmp_path).resolve().write_bytes(data[:-1])
        with pytest.raises(ModelError, match="not the file"):
            wanted.fetch(endpoint=address, cache=tmp_path)
        assert wanted.fetch(endpoint=address, cache=tmp_path).read_bytes() == data


def test_file_that_the_hub_lacks_is_said_plainly(tmp_path: Path) -> None:
    wanted = HubModel("somebody/attitudes", COMMIT, "0" * 64)
    with fake_hub({}) as (address, _), pytest.raises(ModelError, match="cannot be had from the hub"):
        wanted.fetch(endpoint=address, cache=tmp_path)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"MODEL_ID": "attitudes"}, "OWNER/NAME"),
        ({"MODEL_ID": "https://example.com/x"}, "OWNER/NAME"),
        ({"MODEL_REVISION": "main"}, "40 hexadecimal digits"),
        ({"MODEL_REVISION": ""}, "40 hexadecimal digits"),
        ({"MODEL_SHA256": ""}, "64 hexadecimal digits"),
        ({"MODEL_FILE": "../secret.onnx"}, "name of an .onnx file"),
        ({"MODEL_FILE": "weights.pt"}, "name of an .onnx file"),
    ],
)
def test_what_is_not_pinned_is_refused_before_anything_is_asked(changed: dict[str, str], expected: str) -> None:
    good = {"MODEL_ID": "somebody/attitudes", "MODEL_REVISION": COMMIT, "MODEL_SHA256": "0" * 64}
    with pytest.raises(ModelError, match=expected):
        model_of_environment({**good, **changed})


def test_without_the_variable_nothing_is_fetched() -> None:
    assert model_of_environment({}) is None
