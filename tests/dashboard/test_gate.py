"""What stands before every request: hosts, origins, addresses, sizes, queues and passwords, against launched apps."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import gradio.processing_utils
import pytest
import safehttpx
from starlette.testclient import TestClient

from dashboard import Access, Serving
from dashboard.crowd import webcams
from dashboard.limits import Limits
from dashboard.payload import fetched_addresses
from tests.dashboard.launched import Launched, launched

MakePhoto = Callable[..., Path]
SMALL = Limits(uploads_megabytes=0.5, request_megabytes=0.2, waiting_per_person=2, video_megabytes=0.3, photo_megabytes=0.3)


@pytest.fixture(scope="module")
def home(tiny_model: Path, tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    serving = Serving(access=Access(), limits=SMALL, metrics=True)
    with launched(tiny_model, tiny_finder, tmp_path_factory.mktemp("uploads"), serving) as app:
        yield app


@pytest.fixture(scope="module")
def guarded(tiny_model: Path, tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    access = Access.of("0.0.0.0", environment={"TAIDO_AUTH": "teacher:correct horse"})
    with launched(tiny_model, tiny_finder, tmp_path_factory.mktemp("uploads"), Serving(access=access, metrics=True)) as app:
        yield app


@pytest.fixture(scope="module")
def space(tiny_model: Path, tiny_finder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launched]:
    access = Access.of("0.0.0.0", environment={"SPACE_ID": "somebody/taido"})
    with launched(tiny_model, tiny_finder, tmp_path_factory.mktemp("uploads"), Serving.of(access)) as app:
        yield app


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that Gradio fetches, by any of its ways; none is really asked."""
    asked: list[str] = []

    async def ask(url: str, *rest: Any, **more: Any) -> Any:
        asked.append(str(url))
        raise RuntimeError("fetched")

    monkeypatch.setattr(gradio.processing_utils, "async_ssrf_protected_get", ask)
    monkeypatch.setattr(safehttpx, "get", ask)
    monkeypatch.setattr(safehttpx, "async_validate_url", ask)
    return asked


def call(client: TestClient, endpoint: str, data: list[Any]) -> str:
    """Status and answer, or the whole stream of a call."""
    started = client.post(f"/gradio_api/call/{endpoint}", json={"data": data})
    if started.status_code != 200:
        return started.text
    return client.get(f"/gradio_api/call/{endpoint}/{started.json()['event_id']}").text


def file_data(path: str, url: str | None = None) -> dict[str, Any]:
    return {"path": path, "url": url, "meta": {"_type": "gradio.FileData"}}


def upload(client: TestClient, path: Path, name: str | None = None) -> Any:
    return client.post("/gradio_api/upload", files={"files": (name or path.name, path.read_bytes())})


def test_page_and_health_answer_on_this_machine(home: Launched) -> None:
    assert home.http.get("/").status_code == 200
    assert home.http.get("/healthz").json() == {"status": "ok"}


@pytest.mark.parametrize("host", ["evil.example", "evil.example:7860", "192.168.1.7", "127.0.0.1.evil.example", "[", ""])
def test_page_is_not_served_under_a_foreign_name(home: Launched, host: str) -> None:
    answer = home.http.get("/", headers={"Host": host})
    assert answer.status_code in (400, 421)
    assert "taido-header" not in answer.text


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:1234", "[::1]:7860"])
def test_page_is_served_under_the_names_of_this_machine(home: Launched, host: str) -> None:
    assert home.http.get("/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://localhost:3000", "https://127.0.0.1"])
def test_foreign_pages_get_nothing_and_no_permission(home: Launched, origin: str) -> None:
    for answer in (
        home.http.post("/gradio_api/call/model_info", json={"data": []}, headers={"Origin": origin}),
        home.http.get("/config", headers={"Origin": origin}),
    ):
        assert answer.status_code == 403
    preflight = {"Origin": "http://evil.example", "Access-Control-Request-Method": "POST"}
    assert "access-control-allow-origin" not in home.http.options("/gradio_api/queue/join", headers=preflight).headers


def test_own_page_may_ask(home: Launched) -> None:
    assert home.http.get("/config", headers={"Origin": str(home.http.base_url).rstrip("/")}).status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        "/gradio_api/file=http://example.com/",
        "/gradio_api/file=HTTPS://example.com/",
        "/gradio_api/file=https%3A%2F%2Fexample.com",
        "/gradio_api/proxy=http://example.com/",
        "/gradio_api/proxy=https://somebody-space.hf.space/",
    ],
)
def test_nothing_is_relayed_from_other_hosts(home: Launched, fetched: list[str], address: str) -> None:
    assert home.http.get(address).status_code in (403, 404)
    assert fetched == []


@pytest.mark.parametrize("address", ["http://127.0.0.1:1/x.jpg", "https://example.com/x.jpg", " HTTP://example.com/x.jpg"])
@pytest.mark.parametrize(
    ("endpoint", "wrap"),
    [
        ("classify_photos", lambda file: [[file], "whole"]),
        ("summarise_video", lambda file: [file, "whole", 1]),
        ("classify_encoded", lambda file: [[file["path"]], "whole"]),
    ],
)
def test_no_address_of_a_visitor_is_fetched(
    home: Launched, fetched: list[str], endpoint: str, wrap: Callable[..., list[Any]], address: str
) -> None:
    for file in (file_data(address), file_data(address, address), file_data("/nowhere.jpg", address)):
        assert "complete" not in call(home.http, endpoint, wrap(file)) or endpoint == "classify_encoded"
    assert fetched == []


@pytest.mark.parametrize("rate", [None, "abc", [4]])
def test_rate_that_is_no_number_is_refused_in_a_sentence(
    home: Launched, make_photo: MakePhoto, capsys: pytest.CaptureFixture[str], rate: Any
) -> None:
    file = file_data(upload(home.http, make_photo("a.png"), "lesson.mp4").json()[0])
    assert "Expected a number of frames looked at per second" in call(home.http, "summarise_video", [file, "whole", rate])
    assert "Traceback" not in capsys.readouterr().err


def test_sentence_about_addresses_is_said_in_both_languages(home: Launched) -> None:
    body = {"data": [[file_data("http://example.com/a.jpg")], "whole"]}
    for language, words in {"en-GB": "Upload the file itself", "ja-JP": "アップロードしてください"}.items():
        answer = home.http.post("/gradio_api/call/classify_photos", json=body, headers={"Accept-Language": language})
        assert answer.status_code == 400
        assert words in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/etc/passwd", "../../etc/passwd", "app.py", "\0", "x" * 5000, "/tmp"])
def test_files_of_the_machine_cannot_be_named_and_leave_no_traceback(
    home: Launched, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    answer = home.http.post("/gradio_api/call/classify_photos", json={"data": [[file_data(path)], "whole"]})
    assert (answer.status_code, answer.json()["detail"]) == (400, "Only files that were uploaded here can be named.")
    assert "Traceback" not in capsys.readouterr().err


@pytest.mark.parametrize(
    "address", ["rtsp://camera/stream", "rtsp://name:secret@camera/1", "/dev/video0", "0", "../../etc/passwd"]
)
def test_no_camera_and_no_file_of_the_server_is_opened_for_a_visitor(home: Launched, address: str) -> None:
    answer = call(home.http, "summarise_video", [file_data(address), "whole", 1])
    assert "Only files that were uploaded here" in answer
    assert "complete" not in answer


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../../../etc/passwd", "%2e%2e/%2e%2e/etc/passwd", "app.py", "models/attitude.onnx", ".git/config"]
)
def test_no_file_of_the_server_is_given_out(home: Launched, path: str) -> None:
    for prefix in ("/gradio_api/file=", "/gradio_api/file/", "/static/", "/assets/", "/svelte/"):
        answer = home.http.get(prefix + path)
        assert answer.status_code in (403, 404)
        assert "root:" not in answer.text


def test_uploads_land_in_their_own_folder_whatever_their_name(home: Launched, make_photo: MakePhoto) -> None:
    answer = upload(home.http, make_photo("a.png"), "../../../../tmp/taido-outside.png")
    assert answer.status_code == 200
    landed = Path(answer.json()[0])
    assert landed.resolve().is_relative_to(home.folder.resolve())
    assert not Path("/tmp/taido-outside.png").exists()
    landed.unlink()


@pytest.mark.parametrize(
    "address",
    [
        "/gradio_api/deep_link?session_hash=x",
        "/gradio_api/runs",
        "/gradio_api/run-history/records",
        "/monitoring",
        "/monitoring/summary",
        "/gradio_api/component_server",
        "/gradio_api/process_recording",
        "/gradio_api/vibe-code",
        "/gradio_api/dev/reload",
        "/gradio_api/token",
        "/gradio_api/mcp",
        "/docs",
        "/openapi.json",
    ],
)
def test_what_the_pages_do_not_need_is_not_there(home: Launched, address: str) -> None:
    assert home.http.get(address).status_code == 404
    assert home.http.post(address, json={}).status_code == 404


def test_too_large_requests_are_refused_before_they_are_read(home: Launched) -> None:
    body = json.dumps({"data": [["A" * 300_000], "whole"]})
    answer = home.http.post("/gradio_api/call/classify_encoded", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 413

    def pieces() -> Iterator[bytes]:
        yield b'{"data": ["'
        for _ in range(30):
            yield b"A" * 10_000
        yield b'"]}'

    assert home.http.post("/gradio_api/call/classify_encoded", content=pieces()).status_code == 413


def test_uploads_are_limited_one_by_one_and_all_together(home: Launched, tmp_path: Path) -> None:
    (tmp_path / "large.jpg").write_bytes(bytes(350_000))
    assert upload(home.http, tmp_path / "large.jpg").status_code == 413
    (tmp_path / "some.jpg").write_bytes(bytes(250_000))
    first = upload(home.http, tmp_path / "some.jpg")
    assert first.status_code == 200
    (tmp_path / "other.jpg").write_bytes(bytes([1]) * 280_000)
    refused = home.http.post(
        "/gradio_api/upload", files={"files": ("other.jpg", bytes(280_000))}, headers={"Accept-Language": "ja"}
    )
    assert refused.status_code == 507
    assert "容量がいっぱい" in refused.text
    Path(first.json()[0]).unlink()
    assert home.http.post("/gradio_api/upload", content=iter([b"x"])).status_code == 411


def test_what_is_no_json_object_is_refused(home: Launched) -> None:
    for body in (b"{", b"[]", b"\xff", b'"text"'):
        answer = home.http.post("/gradio_api/queue/join", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400


def test_answers_forbid_the_browser_to_ask_other_hosts(home: Launched) -> None:
    headers = home.http.get("/").headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "frame-ancestors 'self'" in headers["content-security-policy"]
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in headers


def test_one_page_has_its_share_of_the_queue_and_others_have_theirs(home: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    waiting = home.demo._queue.pending_event_ids_session
    monkeypatch.setitem(waiting, "greedy", {"one", "two"})
    for event in ("one", "two"):
        monkeypatch.setitem(home.demo._queue.event_ids_to_events, event, object())
    function = next(number for number, fn in home.demo.fns.items() if fn.api_name == "model_info")
    answers = {
        session: home.http.post(
            "/gradio_api/queue/join",
            json={"data": [], "fn_index": function, "session_hash": session},
            headers={"Accept-Language": language},
        )
        for session, language in (("greedy", "ja"), ("modest", "en"))
    }
    assert answers["greedy"].status_code == 429
    assert "2 件の処理" in answers["greedy"].json()["detail"]
    assert answers["modest"].status_code == 200


def test_queue_of_all_has_a_bound_and_says_so(home: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(home.demo._queue), "__len__", lambda queue: SMALL.waiting)
    answer = home.http.post("/gradio_api/call/model_info", json={"data": []})
    assert answer.status_code == 429
    assert "Many people" in answer.json()["detail"]
    assert answer.headers["retry-after"] == "60"


def test_gradios_own_full_queue_is_said_in_our_words(home: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home.demo._queue, "max_size", 0)
    answer = home.http.post("/gradio_api/call/model_info", json={"data": []}, headers={"Accept-Language": "ja"})
    assert answer.status_code == 429
    assert "利用者が多く" in answer.json()["detail"]


def test_webcams_have_their_number(home: Launched, monkeypatch: pytest.MonkeyPatch) -> None:
    stream = next(number for number, fn in home.demo.fns.items() if fn.connection == "stream")
    monkeypatch.setattr("dashboard.crowd.webcams", lambda blocks: SMALL.webcams)
    body = {"data": [None, None, "whole"], "fn_index": stream, "session_hash": "one-more"}
    answer = home.http.post("/gradio_api/queue/join", json=body)
    assert answer.status_code == 429
    assert f"All places for webcams are taken ({SMALL.webcams})" in answer.json()["detail"]


def test_webcams_are_counted_for_the_status_page_while_others_come_and_go() -> None:
    waits = {f"page {number}": {f"event {number}"} for number in range(3)}

    class Events(dict[str, Any]):
        def get(self, name: str, default: Any = None) -> Any:
            waits[f"later {len(waits)}"] = {"another"}
            waits["page 2"].add(f"later {len(waits)}")
            return super().get(name, default)

    events = Events({f"event {number}": SimpleNamespace(streaming=True, closed=number == 0) for number in range(3)})
    queue = SimpleNamespace(pending_event_ids_session=waits, event_ids_to_events=events)
    assert webcams(SimpleNamespace(_queue=queue)) == 2


def test_metrics_and_status_are_numbers(home: Launched, make_photo: MakePhoto) -> None:
    photo = upload(home.http, make_photo("anna.png")).json()[0]
    assert "complete" in call(home.http, "classify_photos", [[file_data(photo)], "whole"])
    call(home.http, "classify_photos", [[file_data("http://example.com/a.jpg")], "whole"])
    written = home.http.get("/metrics").text
    assert 'taido_info{provider="cpu"} 1.0' in written
    assert float(next(line for line in written.splitlines() if line.startswith("taido_photos_total")).split()[1]) >= 1
    assert 'taido_refused_total{reason="gate_address"}' in written
    page = home.http.get("/status", headers={"Accept-Language": "ja"}).text
    assert "アプリの状態" in page and "anna" not in page
    assert home.http.get("/status", headers={"Accept": "application/json"}).json()["photos"] >= 1
    assert "anna" not in written
    Path(photo).unlink()


CLOSED = (
    ("GET", "/config"),
    ("GET", "/gradio_api/info"),
    ("GET", "/gradio_api/openapi.json"),
    ("POST", "/gradio_api/call/model_info"),
    ("POST", "/gradio_api/run/model_info"),
    ("POST", "/gradio_api/queue/join"),
    ("GET", "/gradio_api/queue/data?session_hash=x"),
    ("POST", "/gradio_api/stream/1"),
    ("POST", "/gradio_api/cancel"),
    ("POST", "/gradio_api/reset"),
    ("GET", "/gradio_api/heartbeat/x"),
    ("POST", "/gradio_api/upload"),
    ("GET", "/gradio_api/file=/etc/passwd"),
    ("GET", "/status"),
    ("GET", "/metrics"),
)


@pytest.mark.parametrize(("method", "address"), CLOSED)
def test_nothing_but_the_sign_in_page_is_open_without_the_password(guarded: Launched, method: str, address: str) -> None:
    assert guarded.http.request(method, address, json={} if method == "POST" else None).status_code == 401


def test_sign_in_page_shows_nothing_of_the_app(guarded: Launched) -> None:
    page = guarded.http.get("/")
    assert page.status_code == 200
    assert "auth_required" in page.text
    assert "photos-drop" not in page.text and "correct horse" not in page.text
    assert guarded.http.get("/healthz").json() == {"status": "ok"}


def test_signed_in_cookie_is_kept_from_scripts_and_opens_the_app(guarded: Launched) -> None:
    client = guarded.another()
    answer = client.post("/login", data={"username": "teacher", "password": "correct horse"})
    assert answer.status_code == 200
    cookies = answer.headers.get_list("set-cookie")
    assert cookies
    assert all("httponly" in cookie.lower() and "samesite" in cookie.lower() for cookie in cookies)
    assert client.get("/config").status_code == 200
    assert client.get("/status").status_code == 200
    assert guarded.http.get("/status", auth=("teacher", "correct horse")).status_code == 200
    assert guarded.http.get("/status", auth=("teacher", "wrong")).status_code == 401


def test_passwords_are_not_guessed_by_trying(guarded: Launched) -> None:
    wrong = {"username": "teacher", "password": "guess"}
    client, neighbour = guarded.another("10.0.0.66"), guarded.another("10.0.0.67")
    statuses = [client.post("/login", data=wrong).status_code for _ in range(7)]
    assert statuses == [400] * 5 + [429] * 2
    right = {"username": "teacher", "password": "correct horse"}
    refused = client.post("/login", data=right, headers={"Accept-Language": "ja"})
    assert refused.status_code == 429
    assert "パスワードの誤り" in refused.json()["detail"]
    assert neighbour.post("/login", data=right).status_code == 200


def test_passwords_of_http_basic_are_not_guessed_either(guarded: Launched) -> None:
    client = guarded.another("10.0.0.68")
    statuses = [client.get("/status", auth=("teacher", f"guess {number}")).status_code for number in range(7)]
    assert statuses == [401] * 5 + [429] * 2
    assert client.get("/status", auth=("teacher", "correct horse")).status_code == 429
    assert "Basic" in guarded.http.get("/status").headers["www-authenticate"]


def test_space_is_open_under_its_name_has_smaller_limits_and_no_status_page(space: Launched) -> None:
    foreign = {"Host": "somebody-taido.hf.space", "Origin": "https://somebody-taido.hf.space"}
    page = space.http.get("/", headers=foreign)
    assert page.status_code == 200
    assert "taido-space" in page.text
    assert space.http.get("/status").status_code == 404
    assert space.demo.max_file_size == 100_000_000
    assert "frame-ancestors" not in page.headers["content-security-policy"]


def test_space_fetches_nothing_either(space: Launched, fetched: list[str]) -> None:
    answer = call(space.http, "classify_photos", [[file_data("https://example.com/x.jpg")], "whole"])
    assert "Upload the file itself" in answer
    assert fetched == []


def test_arguments_of_tools_name_no_addresses() -> None:
    call = {"method": "tools/call", "params": {"name": "classify_photos", "arguments": {"photos": ["http://10.0.0.1/a.jpg"]}}}
    assert fetched_addresses(call, everywhere=True) == ["http://10.0.0.1/a.jpg"]
    assert fetched_addresses({"data": [{"url": "http://127.0.0.1:7860/gradio_api/file=a.jpg", "path": "/a.jpg"}]}) == []
    assert fetched_addresses({"data": ["https://example.com/a.jpg"]}) == ["https://example.com/a.jpg"]
