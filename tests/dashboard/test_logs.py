"""What is written to stderr: JSON where it was asked for, and never a secret or the name of an upload."""

import io
import json
import logging
import sys
import traceback
from collections.abc import Iterator

import pytest

from dashboard import Access
from dashboard.logs import Clean, CleanStream, Formatter, LogFormat, clean_log

ACCESS = Access.of("0.0.0.0", environment={"TAIDO_AUTH": "teacher:correct horse"})


@pytest.fixture(autouse=True)
def uploads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", "/tmp/taido-1234")


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    stream = io.StringIO()
    yield stream
    for secret in ("correct horse", "hunter2", "Anna"):
        assert secret not in stream.getvalue()


def fail() -> None:
    raise OSError(SECRETS)


SECRETS = "rtsp://admin:hunter2@camera/1, correct horse and /tmp/taido-1234/ab12/Anna Schmidt 1.jpg"


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_log_has_no_secrets_and_no_names_of_uploads(written: io.StringIO, log_format: LogFormat) -> None:
    handler = logging.StreamHandler(written)
    handler.setFormatter(Formatter(log_format, Clean(ACCESS)))
    logger = logging.Logger("inference.monitor")
    logger.addHandler(handler)
    logger.warning("%s", SECRETS)
    try:
        fail()
    except OSError:
        logger.exception("it failed")
    assert "rtsp://…@camera/1" in written.getvalue()
    assert "(upload)" in written.getvalue()


def test_every_line_of_a_json_log_is_a_document(written: io.StringIO) -> None:
    clean = Clean(ACCESS)
    handler = logging.StreamHandler(written)
    handler.setFormatter(Formatter("json", clean))
    logger = logging.Logger("dashboard.gate")
    logger.addHandler(handler)
    logger.info("refused: %s", "busy_queue")
    try:
        fail()
    except OSError:
        logger.exception("line\nbreak")
        traceback.print_exc(file=CleanStream(written, clean, "json"))  # type: ignore[arg-type]
    documents = [json.loads(line) for line in written.getvalue().splitlines()]
    assert documents[0].items() >= {"level": "INFO", "logger": "dashboard.gate", "message": "refused: busy_queue"}.items()
    assert "Traceback" in documents[1]["traceback"]
    assert {document["logger"] for document in documents[2:]} == {"stderr"}


def test_what_others_print_is_cleaned_line_by_line(written: io.StringIO) -> None:
    stream = CleanStream(written, Clean(ACCESS), "text")
    stream.write("rtsp://admin:hun")
    stream.write("ter2@camera\n")
    print(SECRETS, file=stream)  # type: ignore[arg-type]
    assert written.getvalue().startswith("rtsp://…@camera\n")


def test_log_of_the_app_is_clean_while_it_runs_and_as_before_afterwards(
    monkeypatch: pytest.MonkeyPatch, written: io.StringIO
) -> None:
    monkeypatch.setattr(sys, "stderr", written)
    before = logging.getLogger("dashboard").level, list(logging.getLogger().handlers)
    with clean_log("json", ACCESS):
        logging.getLogger("dashboard.gate").info("refused: %s", "gate_name")
        print(SECRETS, file=sys.stderr)
    assert sys.stderr is written
    assert (logging.getLogger("dashboard").level, list(logging.getLogger().handlers)) == before
    assert [json.loads(line)["logger"] for line in written.getvalue().splitlines()] == ["dashboard.gate", "stderr"]
