"""Recorded lessons as pieces of HTML: the list, one lesson, two beside one another, and a page to print.

overview(sessions, "en"), lesson(session, "en"), comparison(one, other, "en"), printable(session, "en")

Pure: what `inference.recorded` read comes in, HTML comes out. Withheld shares stay withheld.
"""

from collections.abc import Sequence
from html import escape

from dashboard import timeline_view
from dashboard.charts import card, download, facts, quiet
from dashboard.lesson_view import changes, students_cell, table_row, whole, withheld_note
from dashboard.texts import Language, attitude, text
from dashboard.theme import CSS
from inference import words
from inference.changes import changes_in
from inference.recorded import RecordedSession
from inference.report import comparison_headers, comparison_rows, csv_text, lesson_facts
from inference.snapshot import Snapshot
from inference.sources import SourceStatus
from inference.students import WHOLE

PRINTED_CSS = """
@page { size: A4; margin: 14mm; }
:root { --body-text-color: #111; --body-text-color-subdued: #444; --border-color-primary: #c4c8ce; --block-radius: 6px;
  --block-background-fill: #fff; }
body { margin: 0 auto; max-width: 180mm; font: 11pt/1.4 system-ui, "Noto Sans CJK JP", "Hiragino Sans", "Yu Gothic", sans-serif;
  print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.taido-card:first-child h2 { font-size: 16pt; }
.taido-card { border: 0; padding: 0; margin: 0 0 5mm; break-inside: avoid; }
.taido-changes { max-height: none; columns: 2; }
"""
"""On top of the pages' own CSS: its colours on paper, without a browser's theme."""


def name_of(session: RecordedSession, language: Language) -> str:
    """`Lesson 2 · 2026-11-24 13:17 to 13:22`."""
    return words.title(session, language)


def overview(sessions: Sequence[RecordedSession], language: Language) -> str:
    """A line per lesson, newest first."""
    headings = ["", words.text("seen_label", language), words.text("students_label", language), ""]
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    rows = []
    for session in reversed(sessions):
        length = words.duration(session.whole.seconds, language)
        unended = words.text("interrupted_label", language) if session.ended_at is None else ""
        rows.append(table_row(escape(name_of(session, language)), [length, students_cell(session.whole), escape(unended)]))
    table = f'<table class="taido-steps"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    return card(text("lessons_list", language), f'<div class="taido-scroll taido-lessons">{table}</div>')


def lesson(session: RecordedSession, language: Language) -> str:
    """Everything of one lesson, with the two downloads."""
    name = f"taido-lesson-{session.id}"
    table = download(csv_text([session]), f"{name}.csv", "text/csv", text("lesson_csv", language))
    page = download(printable(session, language), f"{name}.html", "text/html", text("lessons_print", language))
    return f'{_pieces(session, language)}<div class="taido-downloads">{table}{page}</div>'


def steps(session: RecordedSession, language: Language) -> str:
    """The timeline in numbers."""
    return timeline_view.table(_snapshot(session), language, single=_single(session))


def comparison(one: RecordedSession, other: RecordedSession, language: Language) -> str:
    """Two lessons beside one another, the earlier one first, and what that does not say."""
    one, other = sorted((one, other), key=lambda session: session.facts.started_at)
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in comparison_headers(one, other, language))
    rows, ours = [], {words.text("uncertain", language): text("uncertain", language)}
    for name, *cells in comparison_rows(one, other, language):
        shown = ours.get(name) or attitude(name, language)
        rows.append(table_row(escape(shown), [escape(cell) for cell in cells]))
    table = f'<table class="taido-steps"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    note = quiet(words.text("no_claim", language))
    withheld = any(session.whole.shares is None for session in (one, other))
    return card(text("lessons_beside", language), table + (withheld_note(language) if withheld else "") + note)


def printable(session: RecordedSession, language: Language) -> str:
    """One lesson as an HTML page of its own for A4 paper; it asks for nothing from anywhere."""
    title, note = escape(name_of(session, language)), quiet(text("lessons_behaviour", language))
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{CSS}{PRINTED_CSS}</style></head><body>{_pieces(session, language)}"
        f'<div class="taido-card">{note}</div></body></html>'
    )


def _pieces(session: RecordedSession, language: Language) -> str:
    shown, single = _snapshot(session), _single(session)
    about = card(name_of(session, language), facts(lesson_facts(session, language)))
    changed = "" if single or not session.whole.seconds else changes(shown, language)
    means = whole(session.whole, session.facts.class_names, language, single=single)
    return about + means + timeline_view.chart(shown, language, single=single) + changed


def _single(session: RecordedSession) -> bool:
    """Whether each picture was one student."""
    return session.facts.finder.split(" ")[0] == WHOLE


def _snapshot(session: RecordedSession) -> Snapshot:
    """The lesson as it was at its end."""
    mean, about = session.whole, session.facts
    return Snapshot(
        version=0,
        state="ended",
        class_names=about.class_names,
        source=SourceStatus(),
        recorded_as=session.id,
        started_at=about.started_at,
        of_day=about.live,
        seconds=session.length,
        last_seconds=mean,
        last_minute=mean,
        whole=mean,
        interval_seconds=about.interval_seconds,
        intervals=session.lasting,
        changes=tuple(changes_in(session.intervals)),
        finished=True,
    )
