"""`python -m inference report FILE`: what happened in the lessons of a record.

python -m inference report lessons.db
python -m inference report lessons.db --session 3 --csv lesson.csv --png lesson.png --language ja
python -m inference report lessons.db --compare 3 4
"""

import csv
import io
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from shutil import get_terminal_size
from typing import Literal, get_args

from inference.changes import changes_in
from inference.errors import RecordError
from inference.intervals import Interval, mean_of
from inference.output import check_writable, write_whole
from inference.recorded import RecordedSession, read_sessions
from inference.summary import LEAST_FOR_SHARES
from inference.timeline import draw
from inference.words import NONE, Language, attitude, duration, mean_count, text, time_in, title, told

PART_SECONDS = 300.0
"""Of a lesson in one line of its timeline; intervals that are longer have a line each."""
BAR_CELLS = 12
"""Characters of the longest bar."""
_EIGHTHS = ("", *"▏▎▍▌▋▊▉")
_PLAIN = str.maketrans("█▉▊▋▌·–", "#####--", "▍▎▏")
"""For terminals that know no such signs."""


def add_arguments(parser: ArgumentParser) -> None:
    """What the command line of `report` takes."""
    parser.description = "Print the lessons of a record: means, a timeline and what changed."
    parser.add_argument("file", metavar="FILE", type=Path, help="the file that was named with `watch --record`")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--session", type=int, metavar="N", help="this lesson only")
    which.add_argument("--compare", type=int, nargs=2, metavar=("A", "B"), help="set two lessons beside one another")
    parser.add_argument("--csv", type=Path, metavar="CSV", help="write one row per interval there")
    parser.add_argument("--png", type=Path, metavar="PNG", help="draw the timeline of one lesson there")
    parser.add_argument("--language", choices=get_args(Language), default="en", help="of the report and the picture")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Exit status 0. Raises RecordError, or OutputError if a file cannot be written."""
    for path in filter(None, (arguments.csv, arguments.png)):
        check_writable(path, inputs=[arguments.file])
    sessions, language = _chosen(arguments), arguments.language
    drawn = None if arguments.png is None else draw(_only(sessions), language)  # what is refused is so before a file is written
    if arguments.csv is not None:
        write_whole(arguments.csv, csv_text(sessions).encode("utf-8"))
    if drawn is not None:
        write_whole(arguments.png, drawn)
    if arguments.compare is None:
        parts = [lesson_text(session, language) for session in sessions]
    else:
        one, other = sessions
        parts = [comparison_text(one, other, language)]
    _print("\n".join(parts))
    return 0


def lesson_text(session: RecordedSession, language: Language) -> str:
    """One lesson: when it was, its means, its timeline and its changes."""
    lines = [told(change, session.facts, language) for change in changes_in(session.intervals)]
    heading = text("changes_label", language)
    return "\n".join(
        [
            title(session, language),
            _table([], lesson_facts(session, language), "left") + "\n",
            _means(session, language),
            _timeline(session, language),
            *([heading, *(f"  {line}" for line in lines or [text("no_changes", language)])] if session.whole.seconds else []),
            "",
        ]
    )


def lesson_facts(session: RecordedSession, language: Language) -> list[list[str]]:
    """Names and values of what is known of a lesson besides its counts."""
    facts, whole = session.facts, session.whole
    length = duration(session.length, language)
    rows = [
        [text("seen_label", language), text("seen", language, seen=duration(whole.seconds, language), length=length)],
        [text("students_label", language), text("students", language, students=whole.students) if whole.seconds else NONE],
        [text("source_label", language), facts.source],
        [text("model_label", language), f"{facts.model} {facts.model_hash[:8]}"],
        [text("finder_label", language), facts.finder],
    ]
    if session.withheld_seconds:
        kept_back = text("few", language, length=duration(session.withheld_seconds, language), students=LEAST_FOR_SHARES)
        rows.append([text("few_label", language), kept_back])
    if session.ended_at is None:
        rows.append([text("interrupted_label", language), text("interrupted", language)])
    return rows


def comparison_text(one: RecordedSession, other: RecordedSession, language: Language) -> str:
    """Two lessons beside one another: mean counts, shares and the difference of these."""
    both = (one, other)
    table = _table(comparison_headers(one, other, language), comparison_rows(one, other, language))
    titles = [title(session, language) for session in both]
    withheld = any(session.whole.shares is None for session in both)
    return "\n".join([*titles, "", table, "", *_notes(language, withheld), text("no_claim", language), ""])


def comparison_headers(one: RecordedSession, other: RecordedSession, language: Language) -> list[str]:
    """Of the columns of `comparison_rows`."""
    headers = [text("lesson_short", language, number=session.id) for session in (one, other)]
    return ["", *headers, text("difference_label", language)]


def comparison_rows(one: RecordedSession, other: RecordedSession, language: Language) -> list[list[str]]:
    """A name, a cell for each lesson and one for the difference: time seen, students, every attitude, uncertain."""
    both = (one, other)
    wholes = [session.whole for session in both]
    rows = [[text("seen_label", language), *(duration(whole.seconds, language) for whole in wholes), ""]]
    rows += [[text("students_label", language), *(mean_count(whole.students, whole) for whole in wholes), ""]]
    for name in dict.fromkeys(name for session in both for name in session.facts.class_names):
        counts = [_count_of(session, name) for session in both]
        rows.append([attitude(name, language), *_beside(counts, wholes, language)])
    rows.append([text("uncertain", language), *_beside([whole.uncertain for whole in wholes], wholes, language)])
    return rows


def csv_text(sessions: Sequence[RecordedSession]) -> str:
    """A row per interval with the mean number of students per class; empty for a class that its lesson did not know, and where
    nothing was seen or kept, which is no zero. `session` is empty for a lesson that lies in no file, `started_at` for a film.
    """
    names = list(dict.fromkeys(name for session in sessions for name in session.facts.class_names))
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    writer.writerow(["session", "started_at", "start", "seconds", "frames", "students", "uncertain", *names])
    for session in sessions:
        started_at = session.facts.started_at.isoformat() if session.facts.live else ""
        for interval in session.intervals:
            counts = dict(zip(session.facts.class_names, interval.counts, strict=True))
            numbers = (interval.students, interval.uncertain, *(counts.get(name) for name in names))
            cells = [f"{number:.4f}" if number is not None and interval.seconds else "" for number in numbers]
            head = [session.id or "", started_at, f"{interval.start:g}", f"{interval.seconds:.3f}"]
            writer.writerow([*head, interval.frames, *cells])
    return table.getvalue()


def _chosen(arguments: Namespace) -> list[RecordedSession]:
    wanted = arguments.compare or ([] if arguments.session is None else [arguments.session])
    sessions = read_sessions(arguments.file)
    there = {session.id: session for session in sessions}
    known = ", ".join(map(str, there)) or "none"
    missing = [number for number in wanted if number not in there]
    if missing:
        raise RecordError(f"{arguments.file} has no lesson {missing[0]}. It has these: {known}.")
    if not sessions:
        raise RecordError(f"{arguments.file} holds no lesson yet. Record one with python -m inference watch --record.")
    return [there[number] for number in wanted] if wanted else sessions


def _only(sessions: Sequence[RecordedSession]) -> RecordedSession:
    if len(sessions) > 1:
        numbers = ", ".join(str(session.id) for session in sessions)
        raise RecordError(f"--png draws one lesson, these are several: {numbers}. Choose one with --session.")
    return sessions[0]


def _means(session: RecordedSession, language: Language) -> str:
    whole = session.whole
    counts = {attitude(name, language): count for name, count in zip(session.facts.class_names, whole.counts, strict=True)}
    counts[text("uncertain", language)] = whole.uncertain
    rows = [[name, mean_count(count, whole), _share(count, whole)] for name, count in counts.items()]
    table = _table(["", text("students_label", language), text("share_label", language)], rows)
    return "\n".join([table, *_notes(language, whole.shares is None), ""])


def _timeline(session: RecordedSession, language: Language) -> str:
    """A line per part of the lesson, a column per attitude."""
    names, parts = session.facts.class_names, _parts(session.lasting, len(session.facts.class_names))
    if not parts:
        return text("nothing_seen", language)
    most = max(part.students for part in parts)
    rows = []
    for part in parts:
        cells = [f"{NONE:>4}"] * (1 + len(names))
        if part.seconds:
            cells = [f"{part.students:4.1f}", *(f"{count:4.1f} {_bar(count, most)}" for count in part.counts)]
        rows.append([time_in(session.facts, part.start), *cells])
    headers = [
        text("time_label" if session.facts.live else "elapsed_label", language),
        text("students_label", language),
        *(attitude(name, language) for name in names),
    ]
    return _table(headers, rows, "left") + "\n"


def _parts(intervals: Sequence[Interval], classes: int) -> list[Interval]:
    return [mean_of(part, classes) for _, part in groupby(intervals, lambda interval: interval.start // PART_SECONDS)]


def _bar(count: float, most: float) -> str:
    """In eighths of a character."""
    whole, eighths = divmod(round(8 * BAR_CELLS * count / most) if most else 0, 8)
    return "█" * whole + _EIGHTHS[eighths]


def _count_of(session: RecordedSession, name: str) -> float | None:
    """The mean count of a class, None if the lesson did not know it."""
    names = session.facts.class_names
    return session.whole.counts[names.index(name)] if name in names else None


def _beside(counts: Sequence[float | None], wholes: Sequence[Interval], language: Language) -> list[str]:
    """Cells of two lessons and of their difference."""
    cells = [
        NONE if count is None or not whole.seconds else f"{count:.1f} {_share(count, whole):>4}"
        for count, whole in zip(counts, wholes, strict=True)
    ]
    (one, other), difference = counts, NONE
    if one is not None and other is not None and all(whole.shares is not None for whole in wholes):
        points = round(100 * (other / wholes[1].students - one / wholes[0].students))
        difference = text("points", language, points=points)
    return [*cells, difference]


def _share(count: float, whole: Interval) -> str:
    return NONE if whole.shares is None else f"{count / whole.students:.0%}"


def _notes(language: Language, withheld: bool) -> list[str]:
    return [text("withheld", language, students=LEAST_FOR_SHARES)] if withheld else []


def _table(headers: Sequence[str], rows: Iterable[Sequence[str]], justify: Literal["left", "right"] = "right") -> str:
    """Columns side by side, the first one left; Japanese letters count as two wide."""
    from rich.console import Console
    from rich.table import Table

    rows = list(rows)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=bool(headers))
    for number, header in enumerate(headers or rows[0]):
        table.add_column(header, justify=justify if number else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    drawn = io.StringIO()
    Console(file=drawn, width=max(80, get_terminal_size((100, 24)).columns), markup=False, emoji=False, highlight=False).print(
        table
    )
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


def _print(report: str) -> None:
    """Also on a terminal that knows neither blocks nor Japanese."""
    encoding = sys.stdout.encoding or "utf-8"
    try:
        report.encode(encoding)
    except UnicodeEncodeError:
        report = report.translate(_PLAIN).encode(encoding, errors="replace").decode(encoding)
    sys.stdout.write(report)
