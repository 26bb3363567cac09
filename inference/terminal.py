"""A lesson in a terminal: `page` is what `python -m inference watch` shows while it runs, with rich; `line` and `json_line` are
what it prints per interval where nobody looks on.

console.print(page(snapshot, about, console.width, console.height, ascii_only=console.options.ascii_only))
print(line(interval, snapshot, about))
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from inference.annotate import GREY, colours_of
from inference.intervals import Interval, mean_of
from inference.snapshot import Snapshot
from inference.summary import shares_of
from inference.words import attitude, count_and_share, duration, text, time_of_day

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

BLOCKS, PLAIN_BLOCKS = "▁▂▃▄▅▆▇█", "_.:-=+*#"
"""Of a timeline, from nobody to everybody; nothing seen is a blank."""
LONGEST_NAME = 20
"""Cells; a longer name is cut."""
MOST_CHANGES = 8
"""Lines."""


@dataclass(frozen=True)
class About:
    """What does not change while a lesson runs."""

    source: str
    live: bool
    """Times of day are shown then; else times of the video."""
    length: int | None
    """Frames of a file."""
    recorded: str
    """Whether and where anything is recorded, one sentence."""

    def time(self, seconds: float, started_at: datetime | None) -> str:
        """When in the lesson that was."""
        if self.live and started_at is not None:
            return time_of_day(started_at, seconds)
        return str(timedelta(seconds=int(seconds)))


def line(interval: Interval, snapshot: Snapshot, about: About) -> str:
    """One interval in plain words."""
    start = about.time(interval.start, snapshot.started_at)
    if about.live and snapshot.started_at is not None:
        start = f"{snapshot.started_at + timedelta(seconds=interval.start):%H:%M:%S}"
    if not interval.seconds:
        return f"{start}  nothing seen{_why(snapshot)}"
    numbers = zip((*map(_name, snapshot.class_names), text("uncertain", "en")), _counts(interval), strict=True)
    shown = ", ".join(f"{name} {count:.1f}{_share(count, interval.students)}" for name, count in numbers)
    return f"{start}  {interval.students:.1f} students: {shown}{_why(snapshot)}"


def json_line(interval: Interval, snapshot: Snapshot) -> str:
    """One interval as a JSON object; withheld shares are null."""
    names, shares, started_at = snapshot.class_names, interval.shares, snapshot.started_at
    time = None if started_at is None or not snapshot.of_day else (started_at + timedelta(seconds=interval.start)).isoformat()
    return json.dumps(
        {
            "time": time,
            "start": interval.start,
            "seconds": round(interval.seconds, 3),
            "frames": interval.frames,
            "students": round(interval.students, 3),
            "uncertain": round(interval.uncertain, 3),
            "counts": {name: round(count, 3) for name, count in zip(names, interval.counts, strict=True)},
            "shares": None if shares is None else {name: round(share, 4) for name, share in zip(names, shares, strict=True)},
            "problem": snapshot.problem or snapshot.source.message or None,
        }
    )


def closing(snapshot: Snapshot, about: About) -> str:
    """What remains of a lesson when it is over: its means and its changes."""
    whole, names = snapshot.whole, [*map(_name, snapshot.class_names), text("uncertain", "en")]
    seen = text("seen", "en", seen=duration(whole.seconds, "en"), length=duration(snapshot.seconds, "en"))
    counts = [f"  {name}: {count_and_share(count, whole.students)}" for name, count in zip(names, _counts(whole), strict=True)]
    start, end = (about.time(seconds, snapshot.started_at) for seconds in (0, snapshot.seconds))
    lines = [
        f"Lesson: {start} to {end}",
        f"Seen: {seen}, {whole.frames} frames",
        f"Students: {text('students', 'en', students=whole.students)}",
        *counts,
        *_told(snapshot, about),
        *([f"{snapshot.failed} frames could not be looked at."] if snapshot.failed else []),
        *filter(None, [snapshot.source.message, snapshot.problem]),
        about.recorded,
    ]
    return "".join(f"{line}\n" for line in lines)


def page(snapshot: Snapshot, about: About, width: int, height: int, *, ascii_only: bool = False) -> "Group":
    """Everything at one look, within `height` lines of `width` cells: older changes give way first, then blank lines."""
    from rich.console import Group
    from rich.text import Text

    end = Text("Ctrl-C ends the lesson.", style="dim")
    above: list[RenderableType] = [_heading(snapshot, about), *_problems(snapshot), Text(), _now(snapshot, ascii_only), Text()]
    timeline: list[RenderableType] = [_timeline(snapshot, about, width, ascii_only), Text()] if snapshot.intervals else []
    below: list[RenderableType] = [_source(snapshot, about), _speed(snapshot), Text(about.recorded), end]
    room = height - sum(_lines(part, width) for part in (*above, *timeline, *below))
    parts = [*above, *timeline, *_changes(snapshot, about, room - 2), *below]
    return Group(*(part for part in parts if room >= 0 or part != Text()))


def _heading(snapshot: Snapshot, about: About) -> "Text":
    from rich.text import Text

    begun = f" since {snapshot.started_at:%H:%M}" if about.live and snapshot.started_at is not None else ""
    heading = Text(about.source, style="bold", no_wrap=True, overflow="ellipsis")
    return heading.append(f"  {snapshot.state}{begun}, {duration(snapshot.seconds, 'en')}", style="not bold")


def _problems(snapshot: Snapshot) -> "list[Text]":
    """What is wrong, where it is seen first."""
    from rich.text import Text

    status, found = snapshot.source, []
    if status.gone_seconds is not None and snapshot.started_at is not None:
        since = snapshot.started_at + timedelta(seconds=snapshot.seconds - status.gone_seconds)
        found.append(f"{status.message} Nothing has come since {since:%H:%M:%S}, {duration(status.gone_seconds, 'en')}.")
    elif status.message:
        found.append(status.message)
    return [Text(f"! {problem}", style="bold red") for problem in (*found, *filter(None, [snapshot.problem]))]


def _now(snapshot: Snapshot, ascii_only: bool) -> "Table":
    """A line per attitude: how many show it now, and in the last minute."""
    from rich.table import Table
    from rich.text import Text

    summary, minute = snapshot.summary, snapshot.last_minute
    students = 0 if summary is None else summary.students
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    table.add_column("Now" if summary is None else f"Now {students} students", max_width=LONGEST_NAME, no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("", ratio=1)
    table.add_column("Last minute", justify="right", no_wrap=True)
    now = [None] * (len(minute.counts) + 1) if summary is None else [*summary.counts, summary.uncertain]
    for (name, colour), count, mean in zip(_kinds(snapshot), now, _counts(minute), strict=True):
        table.add_row(
            Text(name),
            "-" if count is None else str(count),
            "" if count is None else _share(count, students).strip(" ()"),
            _bar(count, students, colour, ascii_only) if count else "",
            f"{mean:.1f}" if minute.seconds else "-",
        )
    return table


def _bar(count: int, students: int, colour: str, ascii_only: bool) -> "RenderableType":
    """As long as it is wide for all students."""
    from rich.bar import Bar
    from rich.progress_bar import ProgressBar

    return ProgressBar(students, count) if ascii_only else Bar(students, 0, count, color=colour)


def _timeline(snapshot: Snapshot, about: About, width: int, ascii_only: bool) -> "Table":
    """A row of blocks per attitude, then the scale, and the times at which the rows begin and end."""
    from rich.cells import cell_len
    from rich.table import Table
    from rich.text import Text

    kinds, signs = _kinds(snapshot), PLAIN_BLOCKS if ascii_only else BLOCKS
    widest = min(LONGEST_NAME, max(cell_len(name) for name, _ in kinds))
    steps = _steps(snapshot.intervals, max(8, width - widest - 1), len(snapshot.class_names))
    most = max(max(_counts(step)) for step in steps)
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(max_width=LONGEST_NAME, no_wrap=True)
    table.add_column(no_wrap=True)
    for i, (name, colour) in enumerate(kinds):
        counts = [_counts(step)[i] if step.seconds else None for step in steps]
        table.add_row(Text(name), Text(blocks(counts, most, signs), style=colour))
    start, end = (about.time(seconds, snapshot.started_at) for seconds in (steps[0].start, snapshot.seconds))
    gap = " " * max(1, len(steps) - len(start) - len(end))
    table.add_row(Text(f"{signs[-1]} is {most:.1f}", style="dim"), Text(f"{start}{gap}{end}", style="dim"))
    return table


def blocks(counts: Sequence[float | None], most: float, signs: str = BLOCKS) -> str:
    """One sign per count, its height by the share of `most`; None is a blank."""
    highest = len(signs) - 1
    return "".join(" " if count is None else signs[ceil(highest * count / most - 1e-9) if most else 0] for count in counts)


def _steps(intervals: Sequence[Interval], room: int, classes: int) -> list[Interval]:
    """As many as there is room for, each the mean of one or more intervals."""
    cells = min(room, len(intervals))
    edges = [i * len(intervals) // cells for i in range(cells + 1)]
    return [mean_of(intervals[first:last], classes) for first, last in pairwise(edges)]


def _changes(snapshot: Snapshot, about: About, room: int) -> "list[Text]":
    """The latest first."""
    from rich.text import Text

    if not snapshot.changes or room < 1:
        return []
    told = _told(snapshot, about)[: -min(room, MOST_CHANGES) - 1 : -1]
    return [Text("Changes", style="dim"), *(Text(one, no_wrap=True, overflow="ellipsis") for one in told), Text()]


def _told(snapshot: Snapshot, about: About) -> list[str]:
    """Oldest first."""
    names, started_at = [_name(name) for name in snapshot.class_names], snapshot.started_at
    return [
        text("change", "en", time=about.time(c.seconds, started_at), name=names[c.class_index], before=c.before, after=c.after)
        for c in snapshot.changes
    ]


def _source(snapshot: Snapshot, about: About) -> "RenderableType":
    from rich.progress_bar import ProgressBar
    from rich.table import Table
    from rich.text import Text

    status, rate = snapshot.source, f"{snapshot.frames_per_second:.1f} frames per second"
    if about.live:
        age = "" if status.age_seconds is None else f", the newest {status.age_seconds:.1f} s old"
        back = f", {status.reconnections} times reconnected" if status.reconnections else ""
        return Text(f"{rate}{age}, {status.skipped} of {status.grabbed} skipped{back}")
    if about.length is None:
        return Text(f"{status.taken} frames, {rate}")
    table = Table.grid(padding=(0, 1, 0, 0), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    table.add_row(f"{status.taken} of {about.length} frames, {rate}", ProgressBar(max(about.length, 1), status.taken))
    return table


def _speed(snapshot: Snapshot) -> "Text":
    from rich.text import Text

    stages = ", ".join(f"{stage} {took:.0f}" for stage, took in snapshot.milliseconds.items())
    return Text(f"Milliseconds of a frame: {stages or '-'}", style="dim", no_wrap=True, overflow="ellipsis")


def _kinds(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Name and colour of each attitude, and of the students of whom none can be said."""
    colours = colours_of(snapshot.class_names)
    return [*zip(map(_name, snapshot.class_names), colours, strict=True), (text("uncertain", "en"), GREY)]


def _counts(interval: Interval) -> tuple[float, ...]:
    return (*interval.counts, interval.uncertain)


def _name(class_name: str) -> str:
    return attitude(class_name, "en")


def _share(count: float, students: float) -> str:
    shares = shares_of([count], students)
    return "" if shares is None else f" ({shares[0]:.0%})"


def _why(snapshot: Snapshot) -> str:
    reasons = " ".join(filter(None, (snapshot.source.message, snapshot.problem)))
    return f"  ! {reasons}" if reasons else ""


def _lines(part: "RenderableType", width: int) -> int:
    from rich.console import Console

    console = Console(width=width)
    return len(console.render_lines(part, console.options, pad=False))
