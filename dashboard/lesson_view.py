"""A lesson as pieces of HTML: counts that are read from two metres, means, what changed, and how it stands.

counts(snapshot.summary, "en"), means(snapshot, "en"), changes(snapshot, "en"), headline(snapshot, "en"), status(snapshot, "en")

Pure: a snapshot comes in, HTML comes out; every number was worked out in `inference`. The timeline is in `timeline_view`.
`single` says that each picture is one student, whose mean counts are shares of the time.
"""

from collections.abc import Mapping, Sequence
from html import escape

from dashboard.charts import card, percent, quiet, share_bars
from dashboard.texts import Language, attitude, how_many, text
from inference import ClassSummary, words
from inference.annotate import GREY, colours_of
from inference.following import UNCERTAIN, Followed
from inference.intervals import Interval
from inference.snapshot import Snapshot, State
from inference.summary import LEAST_FOR_SHARES
from inference.words import NONE, mean_count

MOST_CHANGES = 30
"""Shown; the newest."""
LONG_SECONDS = 10
"""From so many on an age is told without its tenths."""
_HEADLINES: Mapping[State, str] = {
    "waiting": "lesson_waiting",
    "running": "lesson_running",
    "paused": "lesson_paused",
    "ended": "lesson_ended",
}


def counts(summary: ClassSummary, language: Language) -> str:
    """How many students show each attitude, in large numerals."""
    shares = [NONE] * len(summary.counts) if summary.shares is None else [percent(share) for share in summary.shares]
    rows = zip(legend(summary.class_names, language), [*shares, ""], [*summary.counts, summary.uncertain], strict=True)
    lines = "".join(_line(name, share, str(count)) for name, share, count in rows)
    board = f'<ul class="taido-counts" aria-label="{escape(text("summary_chart", language))}">{lines}</ul>'
    note = withheld_note(language) if summary.shares is None else ""
    return card(text("live_now", language), board + note, aside=how_many(summary.students, language, found=True))


def student(followed: Followed, class_names: Sequence[str], language: Language) -> str:
    """The state and the scores of a single student."""
    state, scores = int(followed.states[0]), [float(score) for score in followed.scores[0]]
    known = state != UNCERTAIN
    name, score = (attitude(class_names[state], language), percent(scores[state])) if known else (text("uncertain", language), "")
    head = f'<p class="taido-now"><strong>{escape(name)}</strong></p>'
    chart = share_bars(class_names, scores, language, text("live_scores_chart", language))
    return card(text("live_now", language), head + chart, aside=score)


def recently(snapshot: Snapshot, language: Language) -> str:
    """For how much of the last seconds a single student showed each attitude, and for how much none stood out."""
    label, last = text("live_recent_chart", language), snapshot.last_seconds
    chart = share_bars(snapshot.class_names, last.counts, language, label, uncertain=last.uncertain)
    return card(text("live_recent", language), chart, extra_class="taido-recent")


def means(snapshot: Snapshot, language: Language, *, single: bool = False) -> str:
    """The last seconds, the last minute and the lesson beside one another."""
    columns = {
        text("means_seconds", language): snapshot.last_seconds,
        text("means_minute", language): snapshot.last_minute,
        text("means_lesson", language): snapshot.whole,
    }
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in columns)
    kinds = zip(legend(snapshot.class_names, language), [*range(len(snapshot.class_names)), None], strict=True)
    rows = [table_row(name, [mean_cell(mean, index, single=single) for mean in columns.values()]) for name, index in kinds]
    if not single:
        seen = [students_cell(mean) + ('<span class="share"></span>' if mean.shares else "") for mean in columns.values()]
        rows.append(table_row(escape(text("students_seen", language)), seen))
    table = (
        f'<table class="taido-means"><thead><tr><td class="corner"></td>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
    )
    note = quiet(text("means_single" if single else "means_class", language))
    return card(text("means_title", language), table + note)


def whole(mean: Interval, class_names: Sequence[str], language: Language, *, single: bool = False) -> str:
    """The means over a whole lesson, with shares where these are not withheld; of a single student shares of the time."""
    counts = [*mean.counts, mean.uncertain]
    shares = None if mean.shares is None else [*mean.shares, mean.uncertain / mean.students]
    rows = []
    for i, name in enumerate(legend(class_names, language)):
        number = percent(counts[i]) if single and mean.seconds else mean_count(counts[i], mean)
        beside = [percent(shares[i])] if shares is not None and not single else []
        rows.append(table_row(name, [number, *beside]))
    table = f'<table class="taido-means"><tbody>{"".join(rows)}</tbody></table>'
    note = "" if single or shares is not None else withheld_note(language)
    return card(text("whole_single" if single else "whole_class", language), table + note)


def withheld_note(language: Language) -> str:
    """From how many students on there are shares."""
    return quiet(text("shares_from", language, students=LEAST_FOR_SHARES))


def changes(snapshot: Snapshot, language: Language) -> str:
    """What changed in the lesson, newest first."""
    lines = "".join(f"<li>{escape(line)}</li>" for line in told(snapshot, language))
    none = "changes_ended" if snapshot.state == "ended" else "changes_none"
    body = f'<ol class="taido-changes">{lines}</ol>' if lines else quiet(text(none, language))
    return card(text("changes_title", language), body)


def told(snapshot: Snapshot, language: Language) -> list[str]:
    """Changes in words: `10:20: Sleeping from 1 to 5`."""
    if snapshot.started_at is None:
        return []
    names = [attitude(name, language) for name in snapshot.class_names]
    newest = snapshot.changes[: -MOST_CHANGES - 1 : -1]
    return [
        words.text(
            "change",
            language,
            time=time_of_day(snapshot, change.seconds),
            name=names[change.class_index],
            before=change.before,
            after=change.after,
        )
        for change in newest
    ]


def headline(snapshot: Snapshot, language: Language) -> str:
    """How the lesson stands, in one line."""
    start, end = time_of_day(snapshot, 0), time_of_day(snapshot, snapshot.seconds)
    line = text(_HEADLINES[snapshot.state], language, start=start, end=end, length=words.duration(snapshot.seconds, language))
    return f'<p class="taido-headline {snapshot.state}">{escape(line)}</p>'


def status(snapshot: Snapshot, language: Language) -> str:
    """Frames per second and, of what is live, how old the picture is; nothing while nothing is looked at."""
    if not snapshot.frames_per_second and snapshot.state != "running":
        return ""
    parts = [text("live_rate", language, rate=f"{snapshot.frames_per_second:.1f}")]
    if snapshot.source.age_seconds is not None:
        parts.append(text("live_age", language, age=_age(snapshot.source.age_seconds, language)))
    return f'<p class="taido-status">{escape(" · ".join(parts))}</p>'


def legend(class_names: Sequence[str], language: Language) -> list[str]:
    """HTML of every name with the colour that it has in pictures and charts, `uncertain` last."""
    named = [(attitude(name, language), colour) for name, colour in zip(class_names, colours_of(class_names), strict=True)]
    return [
        f'<span class="swatch" style="background:{colour}" aria-hidden="true"></span><span class="name">{escape(name)}</span>'
        for name, colour in [*named, (text("uncertain", language), GREY)]
    ]


def mean_cell(mean: Interval, index: int | None, *, single: bool, share: bool = True) -> str:
    """HTML of the mean count of a class, of the uncertain for None; beside it the share, or its place if others have one."""
    if not mean.seconds:
        return NONE
    count = mean.uncertain if index is None else mean.counts[index]
    if single:
        return percent(count)
    if not share or mean.shares is None:
        return f"{count:.1f}"
    beside = "" if index is None else percent(mean.shares[index])
    return f'{count:.1f}<span class="share">{beside}</span>'


def students_cell(mean: Interval) -> str:
    """The mean number of all students seen."""
    return mean_count(mean.students, mean)


def table_row(name: str, cells: Sequence[str]) -> str:
    """`name` and the cells are HTML."""
    return f'<tr><th scope="row">{name}</th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'


def time_of_day(snapshot: Snapshot, seconds: float, *, exact: bool = False) -> str:
    """`10:20`, so many seconds after the lesson began, `exact` `10:20:30`; of a film `0:05:00`; empty before it did."""
    if not snapshot.of_day:
        return words.elapsed(seconds)
    return "" if snapshot.started_at is None else words.time_of_day(snapshot.started_at, seconds, exact=exact)


def _line(name: str, share: str, count: str) -> str:
    """`name` is HTML."""
    return f'<li>{name}<span class="share">{escape(share)}</span><strong class="count">{escape(count)}</strong></li>'


def _age(seconds: float, language: Language) -> str:
    return words.duration(seconds, language) if seconds >= LONG_SECONDS else text("seconds", language, seconds=f"{seconds:.1f}")
