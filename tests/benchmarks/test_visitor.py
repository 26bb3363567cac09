"""A call that ends in an error is none that was refused: `benchmarks.load` counts the one as an error, the other not."""

import time
from collections.abc import Callable

import httpx
import pytest

from benchmarks.load import Count, call_again_and_again, guarded
from benchmarks.visitor import REFUSALS, FailedError, RefusedError, Visitor


@pytest.fixture
def before(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[httpx.Request], httpx.Response]], Visitor]:
    """A visitor of an app that answers so; every further one, too."""
    real = httpx.Client

    def put(answer: Callable[[httpx.Request], httpx.Response]) -> Visitor:
        made = lambda **more: real(**{**more, "transport": httpx.MockTransport(answer)})  # noqa: E731
        monkeypatch.setattr("benchmarks.visitor.httpx.Client", made)
        return Visitor("http://app")

    return put


def broken(request: httpx.Request) -> httpx.Response:
    """An app that takes every call and fails."""
    if request.url.path.endswith("/upload"):
        return httpx.Response(200, json=["/a.jpg"])
    if request.method == "POST":
        return httpx.Response(200, json={"event_id": "1"})
    return httpx.Response(200, text='event: error\ndata: {"error": "it broke"}\n\n')


def test_call_that_ends_in_an_error_is_no_refusal(before: Callable[..., Visitor]) -> None:
    with pytest.raises(FailedError, match="it broke"):
        before(broken).classify([("a.jpg", b"")])


@pytest.mark.parametrize("status", REFUSALS)
def test_upload_or_call_that_is_not_taken_is_a_refusal(status: int, before: Callable[..., Visitor]) -> None:
    with pytest.raises(RefusedError, match="wait"):
        before(lambda request: httpx.Response(status, text="wait")).classify([("a.jpg", b"")])


def test_load_counts_an_app_that_fails_every_call_as_errors(before: Callable[..., Visitor]) -> None:
    before(broken)
    count = Count()
    guarded(call_again_and_again, "http://app", 0, time.monotonic() + 0.2, count)
    assert count.refused == 0 and sum(count.problems.values()) >= 1
