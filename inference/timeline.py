"""A recorded lesson as a picture: how many students showed each attitude, over the time.

write_whole(Path("lesson.png"), draw(session, "en"))
"""

import io
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby, pairwise
from math import ceil
from typing import TYPE_CHECKING, Any

from inference import fonts
from inference.annotate import GREY, colours_of
from inference.intervals import Interval, mean_of
from inference.recorded import RecordedSession
from inference.summary import LEAST_FOR_SHARES
from inference.words import NONE, Language, attitude, count_and_share, duration, elapsed, mean_count, text, title

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SIZE_INCHES, DOTS_PER_INCH = (12.0, 5.0), 150
MOST_STEPS = 150
"""In the width of the picture; of a longer lesson each step is the mean of several intervals."""
_INK, _QUIET, _GRID, _PAPER = "#1f2937", "#5b6472", "#e5e7eb", "#ffffff"
_SHORT = 600.0
"""Seconds; the times of a lesson that is shorter have seconds."""
_LONGEST_NAME = 18
"""Letters of a class that the legend has room for."""
_ROOM_FOR_WORDS = 0.02
"""Of the width; in a narrower gap the words would not fit."""

Run = list[tuple[float, float, Interval]]
"""Steps without a gap between them: where each begins and ends, seconds since the lesson began, and its means."""


def draw(session: RecordedSession, language: Language) -> bytes:
    """A PNG file. Without a font that knows Japanese it is in English, and a warning says so."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    language, families = fonts.choose(language, "picture is")
    figure = Figure(SIZE_INCHES, DOTS_PER_INCH, facecolor=_PAPER)
    axes = figure.add_axes((0.06, 0.1, 0.67, 0.72))
    _draw_areas(axes, session)
    _draw_gaps(axes, session, language, families)
    _draw_frame(axes, session, language, families)
    _draw_legend(axes, session, language, families)
    written = io.BytesIO()
    FigureCanvasAgg(figure).print_png(written)
    return written.getvalue()


def runs(session: RecordedSession) -> list[Run]:
    """What was seen of the lesson, in at most MOST_STEPS steps of equal length."""
    several = max(1, ceil(len(session.intervals) / MOST_STEPS))
    step = several * session.facts.interval_seconds
    found: list[Run] = []
    for first in range(0, len(session.intervals), several):
        group = session.intervals[first : first + several]
        mean = mean_of(group, len(session.facts.class_names))
        if not mean.seconds:
            continue
        start = group[0].start
        end = min(start + step, max(session.length, start + mean.seconds))
        if not found or found[-1][-1][1] < start:
            found.append([])
        found[-1].append((start, end, mean))
    return found


def gaps(session: RecordedSession) -> list[tuple[float, float, bool]]:
    """What lies between the runs: where each part begins and ends, and whether its counts were withheld, or nothing was seen."""
    edges = [0.0, *(edge for run in runs(session) for edge in (run[0][0], run[-1][1])), session.length]
    found: list[tuple[float, float, bool]] = []
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        inside = [interval for interval in session.lasting if start <= interval.start < end]
        kinds = [(withheld, next(part).start) for withheld, part in groupby(inside, lambda interval: interval.withheld)]
        parts = pairwise([start, *(begin for _, begin in kinds[1:]), end])
        found += [(*part, kind) for part, (kind, _) in zip(parts, kinds or [(False, start)], strict=True)]
    return [(start, end, kind) for start, end, kind in found if end > start]


def _draw_areas(axes: "Axes", session: RecordedSession) -> None:
    colours = [*colours_of(session.facts.class_names), GREY]
    for run in runs(session):
        times = [_place(session, seconds) for seconds in (*(start for start, _, _ in run), run[-1][1])]
        means = [mean for _, _, mean in run]
        rows = [[*mean.counts, mean.uncertain] for mean in (*means, means[-1])]
        layers: Any = list(zip(*rows, strict=True))
        axes.stackplot(times, layers, colors=colours, step="post", edgecolor=_PAPER, linewidth=0.6)


def _draw_gaps(axes: "Axes", session: RecordedSession, language: Language, families: Sequence[str]) -> None:
    for start, end, withheld in gaps(session):
        axes.axvspan(_place(session, start), _place(session, end), facecolor="none", edgecolor=_GRID, hatch="///", linewidth=0)
        if end - start > _ROOM_FOR_WORDS * session.length:
            place = _place(session, (start + end) / 2)
            words = text("too_few" if withheld else "nothing_seen", language, students=LEAST_FOR_SHARES)
            style: Any = {"ha": "center", "va": "center", "rotation": 90, "color": _QUIET, "fontfamily": families}
            axes.text(place, 0.5, words, transform=axes.get_xaxis_transform(), **style)


def _draw_frame(axes: "Axes", session: RecordedSession, language: Language, families: Sequence[str]) -> None:
    from matplotlib.dates import AutoDateLocator, DateFormatter
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    whole = session.whole
    most = max((mean.students for run in runs(session) for _, _, mean in run), default=0.0)
    axes.set_xlim(_place(session, 0), _place(session, max(session.length, 1.0)))
    axes.set_ylim(0, max(5.0, 1.06 * most))
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_locator(AutoDateLocator(minticks=4, maxticks=10))
    of_day = DateFormatter("%H:%M" if session.length >= _SHORT else "%H:%M:%S")
    of_film = FuncFormatter(lambda place, _: elapsed(round((place - _place(session, 0)) * 86400)))
    axes.xaxis.set_major_formatter(of_day if session.facts.live else of_film)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.grid(axis="y", color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_QUIET, length=0, labelsize=10, pad=6)
    seen, length = duration(whole.seconds, language), duration(session.length, language)
    heading = title(session, language)
    if whole.seconds:
        under = text("picture_subtitle", language, students=mean_count(whole.students, whole), seen=seen, length=length)
    elif session.withheld_seconds:
        under = text("few", language, length=duration(session.withheld_seconds, language), students=LEAST_FOR_SHARES)
    else:
        under = text("nothing_seen", language)
    if session.ended_at is None:
        under += text("picture_interrupted", language)
    figure: Any = axes.figure
    figure.text(0.06, 0.925, heading, fontsize=15, color=_INK, fontfamily=families)
    figure.text(0.06, 0.868, under, fontsize=10.5, color=_QUIET, fontfamily=families)


def _draw_legend(axes: "Axes", session: RecordedSession, language: Language, families: Sequence[str]) -> None:
    """In the order of the areas, from above, so that it can be read without the colours."""
    from matplotlib.patches import Patch

    whole, names = session.whole, session.facts.class_names
    labels = [*(_shortened(attitude(name, language)) for name in names), text("uncertain", language)]
    colours = [*colours_of(names), GREY]
    counts = (*whole.counts, whole.uncertain)
    numbers = [count_and_share(count, whole.students) if whole.seconds else NONE for count in counts]
    handles = [
        Patch(color=colour, label=f"{label}  {number}") for colour, label, number in zip(colours, labels, numbers, strict=True)
    ]
    legend = axes.legend(
        handles=handles[::-1],
        title=text("picture_means", language),
        loc="upper left",
        bbox_to_anchor=(1.02, 1.0),
        frameon=False,
        labelcolor=_INK,
        prop={"family": list(families), "size": 11},
        title_fontproperties={"family": list(families), "size": 9.5},
        alignment="left",
        labelspacing=0.9,
        borderaxespad=0,
    )
    legend.get_title().set_color(_QUIET)
    for label in legend.get_texts():
        label.set_parse_math(False)  # a class may have a dollar sign in its name


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"


def _place(session: RecordedSession, seconds: float) -> float:
    """A moment of the lesson as matplotlib counts it; without the time zone, which matplotlib would turn into its own.

    A film begins at midnight, so that ticks are round from its beginning.
    """
    from matplotlib.dates import date2num

    begin = session.facts.started_at.replace(tzinfo=None) if session.facts.live else datetime(2000, 1, 1)
    return float(date2num(begin + timedelta(seconds=seconds)))
