"""Every string exists in both languages, is used, and follows the browser's language."""

import re
from pathlib import Path
from string import Formatter
from typing import Any, cast

import gradio as gr
import pytest

from dashboard.page import launch_settings
from dashboard.texts import ENGLISH, JAPANESE, answer, attitude, language_of, shown, text

SOURCES = Path(__file__).parents[2] / "dashboard"


def used_keys() -> set[str]:
    """Keys in calls of `text`, `shown` and `waiting`, and every string that is exactly a key, outside the tables."""
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    body = re.sub(r'^    "[\w.]+": ', "", source, flags=re.MULTILINE)
    return {key for key in ENGLISH if f'"{key}"' in body}


def fields(string: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(string) if name}


def test_texts_are_the_same_in_both_languages() -> None:
    assert set(ENGLISH) == set(JAPANESE)
    assert all(ENGLISH.values())
    assert all(JAPANESE.values())


@pytest.mark.parametrize("key", sorted(ENGLISH))
def test_text_takes_the_same_values_in_both_languages(key: str) -> None:
    assert fields(ENGLISH[key]) == fields(JAPANESE[key])


def test_japanese_texts_are_japanese() -> None:
    assert [key for key, string in JAPANESE.items() if not re.search(r"[぀-ヿ一-鿿]", string)] == []


def test_texts_are_all_used() -> None:
    built = {key for key in ENGLISH if key.startswith(("audio.", "common.", "model_fit_", "status_"))}
    built |= {f"{key}_{place}" for key in ENGLISH for place in ("network", "space")}
    assert set(ENGLISH) - used_keys() - built == set()


def test_pages_ask_only_for_texts_that_exist() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCES.glob("*.py"))
    asked = set(re.findall(r'(?<!words\.)\b(?:text|shown|waiting)\(\s*"([\w.]+)"', source))
    assert len(asked) > 20
    assert asked <= set(ENGLISH)


def test_unknown_text_is_an_error() -> None:
    with pytest.raises(KeyError, match="no_such_text"):
        shown("no_such_text")
    with pytest.raises(KeyError, match="no_such_text"):
        text("no_such_text", "en")


def test_texts_in_the_browser_have_their_values_filled_in() -> None:
    translations = launch_settings()["i18n"].translations_dict
    assert translations["en"]["photos_drop"] == "Up to 200 photos, 50 MB each"
    assert "200" in translations["ja"]["photos_drop"]


@pytest.mark.parametrize(
    ("header", "expected"),
    [("ja", "ja"), ("ja-JP,ja;q=0.9,en;q=0.8", "ja"), ("en-US,ja;q=0.5", "en"), ("fr-FR", "en"), ("", "en")],
)
def test_language_is_the_first_one_of_the_browser(header: str, expected: str) -> None:
    class Request:
        headers = {"accept-language": header}  # noqa: RUF012

    assert language_of(cast(gr.Request, cast(Any, Request()))) == expected


def test_language_without_a_request_is_english() -> None:
    assert language_of(None) == "en"


def test_attitude_has_a_display_name_and_other_classes_keep_theirs() -> None:
    assert attitude("touching-pda", "en") == "Touching a phone"
    assert attitude("sleep", "ja") == "眠っている"
    assert attitude("hand-raised", "ja") == "hand-raised"


@pytest.mark.parametrize(
    ("label", "expected"),
    [("looking-ahead;sleep", "前を見ている, 眠っている"), ("", "どれでもない"), ("a;b", "a;b"), ("uncertain", "判定できない")],
)
def test_answer_of_several_labels_is_told_in_words(label: str, expected: str) -> None:
    assert answer(label, ("looking-ahead", "sleep", "a;b"), "ja") == expected
