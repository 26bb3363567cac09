"""`python -m inference watch SOURCE`: watch a lesson, live or from a file, and sum it up.

python -m inference watch 0 --record lessons.db --until 10:50
python -m inference watch rtsp://camera/stream --students seats.json --masks masks.json
python -m inference watch lesson.mp4 --headless --json

In a terminal it shows a page that is drawn anew four times a second; elsewhere it prints a line per interval. Ctrl-C and SIGTERM
end the lesson in its order: the last interval is recorded and the summary printed.
"""

import re
import signal
import sys
import threading
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from datetime import datetime, time, timedelta
from pathlib import Path

from inference.classifier import Classifier
from inference.commands import ALL_READ, SOME_FAILED, chosen_students
from inference.ending import ENDING, heeded
from inference.errors import RecordError, SeatsError, SourceError
from inference.masks import Masks
from inference.monitor import Monitor
from inference.quickest import quickest
from inference.record import Recorder, SessionFacts, must_not_be_one
from inference.record_facts import facts_of
from inference.seats import Seats
from inference.showing import show
from inference.snapshot import Snapshot
from inference.sources import Source, open_source
from inference.students import FINDER, WHOLE, Students
from inference.summary import LEAST_FOR_SHARES
from inference.terminal import About, closing
from inference.watching import Watcher

SHORTEST, LONGEST = 1.0, 3600.0
"""Seconds of an interval."""


def add_arguments(parser: ArgumentParser) -> None:
    """What only this command takes."""
    parser.description = "Watch a lesson: how many students show which attitude, now and over time. Ctrl-C ends it."
    parser.add_argument(
        "source",
        metavar="SOURCE",
        help="a camera by its number (0 is the first), an address (rtsp://, http://), a video, a picture or a folder of pictures",
    )
    parser.add_argument("--record", type=Path, metavar="FILE", help="keep the counts of every interval there; no pictures")
    parser.add_argument(
        "--record-few",
        action="store_true",
        help=f"with --record: also counts of fewer than {LEAST_FOR_SHARES} students in view, which can speak of one of them",
    )
    parser.add_argument("--per-seat", action="store_true", help="with --record and a file of seats: also what each seat showed")
    parser.add_argument(
        "--interval", type=_interval, default=10.0, metavar="SECONDS", help="of one step of the timeline (default: 10)"
    )
    parser.add_argument(
        "--until", type=_until, metavar="TIME", help="the lesson ends then: a time of day (10:50), or how long it is (45m, 1h30m)"
    )
    parser.add_argument("--headless", action="store_true", help="print a line per interval; so does it without a terminal")
    parser.add_argument("--json", action="store_true", help="the same, each line a JSON object")
    parser.set_defaults(run=run)


def run(arguments: Namespace) -> int:
    """Exit status `ALL_READ`, or `SOME_FAILED` if frames failed, the source broke off or not all could be recorded or printed."""
    _take_bundled(arguments)
    classifier = Classifier(arguments.model, provider=arguments.provider, threads=arguments.threads)
    students = chosen_students(arguments)
    _check_per_seat(arguments, students)
    _check_few(arguments, students)
    masks = None if arguments.masks is None else Masks.read(arguments.masks)
    pace = {"find_every": arguments.find_every, "classify_every": arguments.classify_every}
    watcher = Watcher(classifier, students, masks=masks, **pace)
    stop = threading.Event()
    heed = heeded((signal.SIGINT, *ENDING), lambda _: stop.set())
    with open_source(arguments.source, every=arguments.every) as source, heed:
        if source.live and arguments.every > 1:
            raise SourceError(f"--every is for files; of {source.name} always the newest frame is taken. Leave it out.")
        about = About(source.name, source.live, source.length, _recorded(arguments))
        facts = _facts(arguments, classifier, students, source)
        monitor = Monitor(
            source,
            watcher,
            classifier.spec.class_names,
            recorder_of=None if arguments.record is None else lambda start: _recorder(arguments, facts(start)),
            per_seat=arguments.per_seat,
            interval_seconds=arguments.interval,
            until_seconds=_seconds_until(arguments.until, source),
        )
        try:
            monitor.begin_lesson()
            _introduce(arguments, classifier, facts(datetime.now().astimezone()), about)
            monitor.start_thread()
            written = show(monitor, about, stop, headless=arguments.headless, as_json=arguments.json)
        finally:
            monitor.close()
    status = _conclude(monitor.snapshot, about)
    return status if written else SOME_FAILED


def _take_bundled(arguments: Namespace) -> None:
    """Where no file was named, the bundled one that is fastest here; of a finder that is not needed it does not matter which."""
    if arguments.model is None:
        arguments.model = _quickest(arguments.bundled, "--model", arguments.provider)
    if arguments.finder is None:
        file = arguments.bundled_finder
        arguments.finder = _quickest(file, "--finder", arguments.provider) if arguments.students == FINDER else file


def _quickest(model: Path, option: str, provider: str) -> Path:
    chosen = quickest(model, option, provider=provider)
    if chosen.told:
        sys.stderr.write(f"{chosen.told}\n")
    return chosen.path


def _introduce(arguments: Namespace, classifier: Classifier, facts: SessionFacts, about: About) -> None:
    """What is used, and whether anything is kept."""
    lines = [
        f"Source: {facts.source}",
        f"Model: {classifier.path} on {classifier.provider}",
        f"Students: {facts.finder}",
        *([] if arguments.masks is None else [f"Masks: {arguments.masks}"]),
        about.recorded,
    ]
    sys.stderr.write("".join(f"{line}\n" for line in lines))


def _conclude(snapshot: Snapshot, about: About) -> int:
    sys.stderr.write(closing(snapshot, about))
    incomplete = snapshot.source.message and not about.live  # a camera may be gone when a lesson ends
    return SOME_FAILED if snapshot.failed or snapshot.problem or incomplete else ALL_READ


def _recorded(arguments: Namespace) -> str:
    if arguments.record is None:
        return "Nothing is recorded."
    few = "" if arguments.record_few or arguments.per_seat else f", and nothing of fewer than {LEAST_FOR_SHARES} students"
    return f"Counts{' of every seat' if arguments.per_seat else ''} are recorded in {arguments.record}; no pictures{few}."


def _check_per_seat(arguments: Namespace, students: Students) -> None:
    if not arguments.per_seat:
        return
    if arguments.record is None:
        raise RecordError("--per-seat says what is recorded. Give --record FILE with it, or leave it out.")
    if students.name != Seats.name:
        raise SeatsError("--per-seat needs places that stay the same. Give a file of seats with --students, or leave it out.")


def _check_few(arguments: Namespace, students: Students) -> None:
    if arguments.record_few and arguments.record is None:
        raise RecordError("--record-few says what is recorded. Give --record FILE with it, or leave it out.")
    if arguments.record is not None and not arguments.record_few:
        must_not_be_one(students)


def _recorder(arguments: Namespace, facts: SessionFacts) -> Recorder:
    return Recorder(arguments.record, facts, per_seat=arguments.per_seat, few=arguments.record_few)


def _facts(
    arguments: Namespace, classifier: Classifier, students: Students, source: Source
) -> Callable[[datetime], SessionFacts]:
    """Of a lesson that begins at a given time."""
    return lambda started_at: facts_of(
        started_at,
        source,
        classifier,
        students,
        interval_seconds=arguments.interval,
        students_file=None if arguments.students in (WHOLE, FINDER) else Path(arguments.students),
        masks=arguments.masks,
        find_every=arguments.find_every,
        classify_every=arguments.classify_every,
        every=arguments.every,
        per_seat=arguments.per_seat,
        record_few=arguments.record_few,
    )


def _seconds_until(until: time | timedelta | None, source: Source) -> float | None:
    """How old the lesson becomes; from here on the clock on the wall has no say."""
    if until is None:
        return None
    if isinstance(until, timedelta):
        return until.total_seconds()
    if not source.live:
        raise SourceError(f"{source.name} has no time of day. Give --until as how much of it to watch, such as 45m.")
    now = datetime.now().astimezone()
    ends = datetime.combine(now, until).astimezone()
    if ends <= now:
        ends = datetime.combine(now + timedelta(days=1), until).astimezone()
    return (ends - now).total_seconds()


def _until(text: str) -> time | timedelta:
    of_day = re.fullmatch(r"([01]?\d|2[0-3]):([0-5]\d)", text)
    if of_day:
        return time(int(of_day[1]), int(of_day[2]))
    length = re.fullmatch(r"(?:(\d{1,3})h)?(?:(\d{1,5})m)?(?:(\d{1,6})s)?", text)
    hours, minutes, seconds = (int(part or 0) for part in length.groups()) if length else (0, 0, 0)
    if not hours + minutes + seconds:
        raise ArgumentTypeError(f"expected a time of day such as 10:50, or a length such as 45m, 1h30m or 90s, got {text!r}")
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def _interval(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not SHORTEST <= seconds <= LONGEST:
        raise ArgumentTypeError(f"expected seconds from {SHORTEST:.0f} to {LONGEST:.0f}, got {text!r}")
    return seconds
