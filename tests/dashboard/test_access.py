"""Who may open the app, and that a password stands nowhere."""

import sys
from pathlib import Path

import pytest

import app
from dashboard.access import Access
from dashboard.caller import Caller, RefusedError
from dashboard.page import launch_settings
from dashboard.serving import Serving
from dashboard.texts import TEXTS
from inference.errors import AccessError
from inference.loopback import is_loopback


def passwords(folder: Path, text: str = "teacher:correct horse\n", mode: int = 0o600) -> Path:
    path = folder / "password.txt"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.7", "localhost", "::1", "[::1]"])
def test_this_machine_needs_no_password(host: str) -> None:
    assert is_loopback(host)
    access = Access.of(host, environment={})
    assert access.passwords == ()
    asked_as(f"{host}:7860" if host != "::1" else "[::1]:7860", access).must_use_a_known_name()
    with pytest.raises(RefusedError, match="gate_name"):
        asked_as("127.0.0.9:7860", access).must_use_a_known_name()


def asked_as(host: str, access: Access) -> Caller:
    """A request to the app under that name."""
    return Caller({"type": "http", "method": "GET", "path": "/", "headers": [(b"host", host.encode())]}, access)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "class.example", "127.0.0.1.example"])
def test_network_is_refused_without_a_password_and_told_what_to_do(host: str, tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="--auth FILE"):
        Access.of(host, environment={})
    access = Access.of(host, auth=passwords(tmp_path), environment={})
    assert access.passwords == (("teacher", "correct horse"),)
    assert "--certificate" in (access.advice or "")


def test_password_of_the_environment_is_taken_out_of_it() -> None:
    environment = {"TAIDO_AUTH": "teacher:with:colons:"}
    access = Access.of("0.0.0.0", environment=environment)
    assert environment == {}
    assert access.knows("teacher", "with:colons:")
    assert not access.knows("teacher", "with")
    assert not access.knows("nobody", "with:colons:")


def test_space_is_the_exception() -> None:
    access = Access.of("0.0.0.0", environment={"SPACE_ID": "somebody/taido"})
    assert access.space and not access.passwords and access.advice is None and access.place == "space"


def test_visitors_from_the_network_read_that_their_pictures_are_sent() -> None:
    home, network = Access(), Access.of("0.0.0.0", environment={"TAIDO_AUTH": "teacher:long enough"})
    texts = [launch_settings(Serving(access=access))["i18n"].translations_dict for access in (home, network)]
    for key in ("photos_intro", "video_intro", "live_intro", "tagline"):
        for language in ("en", "ja"):
            assert texts[0][language][key] == TEXTS[language][key]
            assert texts[1][language][key] == TEXTS[language][f"{key}_network"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "no line NAME:PASSWORD"),
        ("# only a remark\n\n", "no line NAME:PASSWORD"),
        ("teacher correct horse", "line 1: expected NAME:PASSWORD"),
        ("teacher:fine password\n:hidden secret", "line 2: expected NAME:PASSWORD"),
        ("teacher:short77", "at least 8 characters"),
    ],
)
def test_wrong_file_of_passwords_is_refused_without_repeating_it(tmp_path: Path, text: str, expected: str) -> None:
    with pytest.raises(AccessError, match=expected) as refused:
        Access.of("0.0.0.0", auth=passwords(tmp_path, text), environment={})
    assert not {"horse", "secret", "short77"} & set(str(refused.value).replace(":", " ").split())


def test_mark_with_which_windows_editors_begin_a_file_is_no_part_of_a_name(tmp_path: Path) -> None:
    access = Access.of("0.0.0.0", auth=passwords(tmp_path, "\ufeffanna:correct horse"), environment={})
    assert access.knows("anna", "correct horse")


def test_file_of_passwords_that_others_can_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(AccessError, match="chmod 600"):
        Access.of("127.0.0.1", auth=passwords(tmp_path, mode=0o644), environment={})
    with pytest.raises(AccessError, match="cannot be read"):
        Access.of("127.0.0.1", auth=tmp_path / "none.txt", environment={})


def test_password_is_in_no_text_of_the_settings(tmp_path: Path) -> None:
    assert "horse" not in repr(Access.of("0.0.0.0", auth=passwords(tmp_path), environment={}))


def test_https_needs_both_files(tmp_path: Path) -> None:
    path = passwords(tmp_path)
    with pytest.raises(AccessError, match="--certificate FILE and --key FILE"):
        Access.of("127.0.0.1", certificate=path, environment={})
    with pytest.raises(AccessError, match="no file"):
        Access.of("127.0.0.1", certificate=path, key=tmp_path / "none", environment={})
    access = Access.of("0.0.0.0", auth=path, certificate=path, key=path, environment={})
    assert access.https and access.advice is None


def test_door_refuses_the_network_in_one_line(
    tiny_model: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TAIDO_AUTH", "SPACE_ID"):
        monkeypatch.delenv(name, raising=False)
    assert app.main(["--host", "0.0.0.0", "--model", str(tiny_model)]) == 2
    message = capsys.readouterr().err
    assert message.startswith("app.py: Others could open 0.0.0.0")
    assert message.count("\n") == 1


@pytest.mark.parametrize("more", [["--source", "0"], ["--record", "lessons.db"], ["--source", "rtsp://camera/1"]])
def test_space_has_no_cameras_and_no_recording(
    more: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPACE_ID", "somebody/taido")
    assert app.main(more) == 2
    assert "no cameras and no recording" in capsys.readouterr().err


def test_mcp_and_passwords_exclude_one_another(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    assert app.main(["--mcp", "--auth", str(passwords(tmp_path))]) == 2
    assert "--mcp serves programs of this machine" in capsys.readouterr().err


@pytest.mark.parametrize(("flag", "package"), [("--mcp", "mcp"), ("--metrics", "prometheus_client")])
def test_missing_package_of_a_flag_is_one_line_that_says_how_to_get_it(
    flag: str, package: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SPACE_ID", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    assert app.main([flag]) == 2
    message = capsys.readouterr().err
    assert f"{flag} needs the package" in message and "pip install" in message
    assert message.count("\n") == 1


def test_no_flag_takes_a_password() -> None:
    options = vars(app.parse([]))
    assert not [name for name in options if "password" in name]
    assert options["auth"] is None
