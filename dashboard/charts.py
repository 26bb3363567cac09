"""Bars and tables as small pieces of HTML.

Gradio's plots draw no value labels, cannot be read at phone width and are too heavy to be redrawn for every frame of a camera.
Everything that comes from outside (file names, class names, messages) is escaped here.
"""

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import gradio as gr
from gradio.i18n import I18nData

from dashboard.spreadsheet import for_spreadsheets
from dashboard.texts import Language, attitude, shown, text
from dashboard.theme import PALETTE
from inference.annotate import GREY
from inference.summary import LEAST_FOR_SHARES


@dataclass(frozen=True)
class Bar:
    """One line of a bar chart."""

    name: str
    share: float
    """0..1 of the full width."""
    value: str
    """The number in words, beside the bar."""
    colour: str = ""
    """That of its place where there is none."""


def html(value: str | I18nData = "", *, elem_id: str, note: bool = False) -> gr.HTML:
    """A place for our HTML, without Gradio's margins; `note` is for running text."""
    return gr.HTML(value, elem_id=elem_id, apply_default_css=False, elem_classes=["taido", *(["taido-note"] if note else [])])


def problems(line: str, language: Language) -> str:
    """What is wrong, in the place of what a page would have shown."""
    return card(text("camera_problem", language), quiet(line), extra_class="taido-problems")


def bars(lines: Sequence[Bar], label: str) -> str:
    """A chart whose every bar has its name and its number; `label` is what a screen reader says first."""
    rows = "".join(_row(line, line.colour or PALETTE[i % len(PALETTE)]) for i, line in enumerate(lines))
    return f'<div class="taido-bars" role="list" aria-label="{escape(label)}">{rows}</div>'


def _row(line: Bar, colour: str) -> str:
    width = f"{100 * min(max(line.share, 0.0), 1.0):.1f}%"
    return (
        f'<div class="row" role="listitem"><div class="name">{escape(line.name)}</div>'
        f'<div class="track" aria-hidden="true"><div class="fill" style="width:{width};background:{colour}"></div></div>'
        f'<div class="value">{escape(line.value)}</div></div>'
    )


def percent(share: float) -> str:
    """0.934 -> `93%`."""
    return f"{share:.0%}"


def share_bars(
    class_names: Sequence[str], shares: Sequence[float], language: Language, label: str, *, uncertain: float | None = None
) -> str:
    """One bar per class with its share in percent, and a grey one of what no class stands for."""
    lines = [Bar(attitude(name, language), share, percent(share)) for name, share in zip(class_names, shares, strict=True)]
    if uncertain is not None:
        lines.append(Bar(text("uncertain", language), uncertain, percent(uncertain), GREY))
    return bars(lines, label)


def count_bars(
    class_names: Sequence[str], counts: Sequence[int], shares: Sequence[float] | None, language: Language, label: str
) -> str:
    """One bar per class with its count and, where shares are not withheld, its share.

    A full bar is all students, or as many as are needed for shares.
    """
    if shares is None:
        known = [(count / LEAST_FOR_SHARES, str(count)) for count in counts]
    else:
        known = [(share, f"{count} · {percent(share)}") for count, share in zip(counts, shares, strict=True)]
    lines = [Bar(attitude(name, language), width, value) for name, (width, value) in zip(class_names, known, strict=True)]
    return bars(lines, label)


def card(title: str, body: str, *, aside: str = "", extra_class: str = "") -> str:
    """A framed part of a page; `body` is HTML, the other strings are not."""
    side = f'<span class="aside">{escape(aside)}</span>' if aside else ""
    return f'<section class="taido-card {extra_class}"><h2>{escape(title)}{side}</h2>{body}</section>'


def quiet(line: str) -> str:
    """One line in a lighter grey."""
    return f'<p class="quiet">{escape(line)}</p>'


def waiting(key: str) -> str:
    """What stands in the place of a result before there is one; the browser translates it."""
    return f'<section class="taido-card"><p class="quiet">{shown(key)}</p></section>'


def download(content: str, name: str, kind: str, label: str) -> str:
    """A link that holds the file itself, so that there is none that would have to be deleted; `kind` such as `text/csv`."""
    packed = base64.b64encode(for_spreadsheets(content) if kind == "text/csv" else content.encode()).decode()
    href = f"data:{kind};charset=utf-8;base64,{packed}"
    return f'<a class="taido-download" download="{escape(name)}" href="{href}">{escape(label)}</a>'


def facts(rows: Iterable[Sequence[str]]) -> str:
    """A table of names and values."""
    lines = "".join(f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>' for name, value in rows)
    return f'<table class="taido-facts"><tbody>{lines}</tbody></table>'
