"""The timeline of a lesson as it grows: a bar per interval, its students stacked by attitude; and the same as a table and a CSV.

chart(snapshot, "en"), table(snapshot, "en"), csv_link(snapshot, "en")

The bars are one small SVG without any lettering, which stretches with the page; times and names stand around it as HTML.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from itertools import accumulate
from math import ceil

from dashboard.charts import card, download, quiet
from dashboard.lesson_view import legend, mean_cell, students_cell, table_row, time_of_day
from dashboard.texts import Language, attitude, text
from inference import words
from inference.annotate import GREY, colours_of
from inference.intervals import Interval, mean_of
from inference.record import SessionFacts
from inference.recorded import NOT_RECORDED, RecordedSession
from inference.report import csv_text
from inference.snapshot import Snapshot
from inference.summary import LEAST_FOR_SHARES

LEAST_STEPS, MOST_STEPS = 30, 120
"""Bars in the width. Of fewer intervals there is room left for those to come; of more each bar is the mean of several."""
CSV_NAME = "taido-lesson.csv"
_GAP = 0.1
"""Between two bars, of the room of one."""


@dataclass(frozen=True)
class Steps:
    """What is drawn of a lesson, a bar each."""

    means: list[Interval]
    seconds: float
    """Of each."""
    room: int
    """So many have room in the width."""

    def start(self, number: float) -> float:
        """Where the step begins, seconds since the lesson began; also between steps and after the last."""
        return self.means[0].start + number * self.seconds


def steps_of(snapshot: Snapshot) -> Steps:
    """The completed intervals, or means of several if there are too many for the width."""
    several = max(1, ceil(len(snapshot.intervals) / MOST_STEPS))
    groups = [snapshot.intervals[first : first + several] for first in range(0, len(snapshot.intervals), several)]
    means = [mean_of(group, len(snapshot.class_names)) for group in groups]
    return Steps(means, several * snapshot.interval_seconds, max(LEAST_STEPS, len(means)))


def chart(snapshot: Snapshot, language: Language, *, single: bool = False) -> str:
    """The timeline with the times of day and a legend."""
    steps, title = steps_of(snapshot), text("timeline_title", language)
    if not steps.means:
        return card(title, quiet(text("timeline_waiting", language)))
    top = 1 if single else max(LEAST_FOR_SHARES, ceil(max(mean.students for mean in steps.means)))
    most = "" if single else escape(text("summary_students_many", language, students=top))
    times = "".join(f"<span>{time_of_day(snapshot, steps.start(n))}</span>" for n in (0, steps.room / 2, steps.room))
    figure = f'<div class="most">{most}</div>{_svg(snapshot, steps, top, language)}<div class="times">{times}</div>'
    names = [*legend(snapshot.class_names, language), _empty("unseen", text("timeline_unseen", language))]
    if any(mean.withheld for mean in steps.means):
        names.append(_empty("withheld", text("timeline_withheld", language, students=LEAST_FOR_SHARES)))
    entries = "".join(f"<li>{name}</li>" for name in names)
    body = f'<div class="taido-timeline">{figure}</div><ul class="taido-legend">{entries}</ul>'
    return card(title, body, aside=text("timeline_step", language, step=words.duration(steps.seconds, language)))


def table(snapshot: Snapshot, language: Language, *, single: bool = False) -> str:
    """The same in numbers, newest first."""
    steps = steps_of(snapshot)
    if not steps.means:
        return quiet(text("timeline_waiting", language))
    names = [attitude(name, language) for name in snapshot.class_names]
    seen = [] if single else [text("students_seen", language)]
    headings = [text("timeline_time", language), *names, text("uncertain", language), *seen]
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    rows = []
    for number, mean in reversed(list(enumerate(steps.means))):
        cells = [mean_cell(mean, index, single=single, share=False) for index in [*range(len(names)), None]]
        cells += [] if single else [students_cell(mean)]
        rows.append(table_row(time_of_day(snapshot, steps.start(number), exact=steps.seconds < 60), cells))
    return f'<table class="taido-steps"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'


def csv_link(snapshot: Snapshot, language: Language) -> str:
    """The intervals as a CSV that lies in the link itself: there is no file that would have to be deleted."""
    if snapshot.started_at is None:
        return ""
    settings, seconds = {"live": snapshot.of_day}, snapshot.interval_seconds
    facts = SessionFacts(snapshot.started_at, snapshot.class_names, "", "", "", "", settings, seconds)
    content = csv_text([RecordedSession(snapshot.recorded_as or NOT_RECORDED, facts, None, snapshot.intervals)])
    return download(content, CSV_NAME, "text/csv", text("lesson_csv", language))


def _svg(snapshot: Snapshot, steps: Steps, top: int, language: Language) -> str:
    colours = [*colours_of(snapshot.class_names), GREY]
    bars = "".join(_bar(number, mean, top, colours) for number, mean in enumerate(steps.means))
    return (
        f'<svg role="img" aria-label="{escape(_in_words(snapshot, steps, language))}" viewBox="0 0 {steps.room} {top}" '
        f'preserveAspectRatio="none">{bars}</svg>'
    )


def _bar(number: int, mean: Interval, top: int, colours: Sequence[str]) -> str:
    """Attitudes from below in their order, those who are uncertain above; pale where nothing was seen, a stripe if not kept."""
    if mean.withheld:
        return f'<rect class="unseen withheld" x="{number + 0.25:g}" y="0" width="0.5" height="{top}"/>'
    if not mean.seconds:
        return f'<rect class="unseen" x="{number}" y="0" width="1" height="{top}"/>'
    counts = [*mean.counts, mean.uncertain]
    return "".join(
        f'<rect x="{number + _GAP / 2:g}" y="{top - edge:.3f}" width="{1 - _GAP:g}" height="{count:.3f}" fill="{colour}"/>'
        for edge, count, colour in zip(accumulate(counts), counts, colours, strict=True)
        if count
    )


def _in_words(snapshot: Snapshot, steps: Steps, language: Language) -> str:
    """What a screen reader says of the picture."""
    whole = mean_of(snapshot.intervals, len(snapshot.class_names))
    named = zip(snapshot.class_names, whole.counts, strict=True)
    means = ", ".join(f"{attitude(name, language)} {words.mean_count(count, whole)}" for name, count in named)
    start, end = (time_of_day(snapshot, steps.start(number)) for number in (0, len(steps.means)))
    return text("timeline_words", language, start=start, end=end, means=means)


def _empty(kind: str, name: str) -> str:
    """A line of the legend for bars without counts."""
    return f'<span class="swatch {kind}" aria-hidden="true"></span><span class="name">{escape(name)}</span>'
