"""Every string of the pages, in English and Japanese.

`shown` gives strings that stand on a page from the start: Gradio translates them in the browser, in the browser's language.
`text` gives strings inside results made per request; `language_of` reads the same preference from the request.
The keys `audio.*` are Gradio's own: its webcam button says "Record", which would be untrue of pictures that are not stored.
"""

from collections.abc import Sequence
from typing import Literal

import gradio as gr
from gradio.i18n import I18nData

from dashboard import words_lessons, words_pictures, words_tools
from inference import words
from inference.decision import UNCERTAIN_NAME
from inference.spec import SEPARATOR

Language = Literal["en", "ja"]
Place = Literal["here", "network", "space"]
"""Where the app runs, seen from its visitors: on their own machine, on another one of theirs, or in a public Space."""

ENGLISH: dict[str, str] = {**words_pictures.ENGLISH, **words_lessons.ENGLISH, **words_tools.ENGLISH}
JAPANESE: dict[str, str] = {**words_pictures.JAPANESE, **words_lessons.JAPANESE, **words_tools.JAPANESE}

TEXTS: dict[Language, dict[str, str]] = {"en": ENGLISH, "ja": JAPANESE}


def translations(values: dict[str, object], *, place: Place = "here") -> gr.I18n:
    """What `launch` hands to the browser; `values` fill the braces of strings that stand on a page from the start.

    `place`: where a string has another wording for visitors whose own machine it is not, that one.
    """
    filled = {language: {key: _fill(string, values) for key, string in table.items()} for language, table in TEXTS.items()}
    for table in filled.values():
        table.update({key: table[f"{key}_{place}"] for key in list(table) if f"{key}_{place}" in table})
    return gr.I18n(**{str(language): table for language, table in filled.items()})


def shown(key: str) -> I18nData:
    """A string that the browser translates; raises KeyError for an unknown key."""
    return gr.I18n()(_known(key))


def text(key: str, language: Language, **values: object) -> str:
    """A string for a result made on the server."""
    return TEXTS[language][_known(key)].format(**values)


def language_of(request: gr.Request | None) -> Language:
    """The browser's first language if we speak it, else English; the choice that Gradio makes in the browser."""
    return language_in(request.headers.get("accept-language", "") if request is not None and request.headers else "")


def language_in(accepted: str) -> Language:
    """The same, of the value of the header `Accept-Language`."""
    return "ja" if accepted.strip().lower().startswith("ja") else "en"


def attitude(class_name: str, language: Language) -> str:
    """What people call a class, or that none can be said."""
    return text("uncertain", language) if class_name == UNCERTAIN_NAME else words.spoken(class_name, language)


def answer(label: str, class_names: Sequence[str], language: Language) -> str:
    """Display name of the label of a prediction, which may hold several classes or none."""
    if not label:
        return text("no_attitude", language)
    names = [label] if label in (*class_names, UNCERTAIN_NAME) else label.split(SEPARATOR)
    return ", ".join(attitude(name, language) for name in names)


def how_many(students: int, language: Language, *, found: bool) -> str:
    """`1 student`, `25 students`; `found` where they were looked for: `25 students found`."""
    one, many = ("summary_found_one", "summary_found_many") if found else ("summary_students_one", "summary_students_many")
    return text(one if students == 1 else many, language, students=students)


def _known(key: str) -> str:
    if key not in ENGLISH:
        raise KeyError(f"No text {key!r} in dashboard/texts.py")
    return key


class _Open(dict[str, object]):
    """Leaves the braces of values that are not known yet."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


def _fill(string: str, values: dict[str, object]) -> str:
    return string.format_map(_Open(values))
