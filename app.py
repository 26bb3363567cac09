"""The door: `python app.py` shows the dashboard on this machine; it is also the app file of a Hugging Face Space.

    python app.py --port 8000 --model models/attitude.onnx --students whole
    python app.py --source 0 --source rtsp://camera/stream --record lessons.db
    python app.py --host 0.0.0.0 --auth password.txt --certificate class.pem --key class.key

Only this machine can open it, unless a password is set (`dashboard/access.py`). Uploads lie in a private temporary folder; they
are deleted when their page is closed, and all of them when the program ends.
"""

import argparse
import logging
import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from functools import partial
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read while Gradio is imported
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr

import dashboard
from dashboard import flags, left_over
from dashboard.handles import allow_many
from dashboard.memory import keep_flat
from inference import Classifier, TaidoError
from inference.ending import orderly_end
from inference.errors import AccessError, ModelError
from inference.gathering import Gathering
from inference.hub import model_of_environment
from inference.loopback import is_loopback
from inference.masks import Masks
from inference.monitor import Monitor
from inference.quickest import quickest
from inference.record import Recorder, must_not_be_one
from inference.record_facts import facts_of
from inference.recorded import read_sessions
from inference.sources import Source, open_source
from inference.students import FINDER, WHOLE, Students, open_students
from inference.switching import Switchable
from inference.watching import Watcher

logger = logging.getLogger(__name__)

MODELS = Path(__file__).resolve().parent / "models"
DEFAULT_MODEL = MODELS / "attitude.onnx"
DEFAULT_FINDER = MODELS / "students.onnx"
LEARNING_CURVE = MODELS / "attitude.curve.json"
"""How many pictures per class are enough, measured on the pictures of the bundled model."""
NOT_IN_A_SPACE = ("source", "record", "masks", "teach")
"""Flags for cameras of the machine and for what is written to its disk."""
INTERVAL_SECONDS = 10.0
"""Of a lesson before a camera of this machine."""


def build(
    model: str | Path = DEFAULT_MODEL, provider: str = "auto", students: str | None = None, finder: Path | None = None
) -> gr.Blocks:
    """The dashboard around one model, see `choose` for the others. Raises TaidoError for what is not what it must be."""
    return dashboard.build(Classifier(model, provider=provider), choose(students, finder, provider))


def choose(students: str | None, finder: Path | None, provider: str) -> dashboard.Choice:
    """The ways of saying where the students are, and which stands chosen at the start.

    `students`: `whole`, `finder` or a file, see `open_students`; None: the finder, where there is one. A finder that was asked
    for must open; without the bundled one, which `finder` None stands for, there is one way less.
    """
    known = {WHOLE: open_students(WHOLE, finder=DEFAULT_FINDER, provider=provider, threads=0)}
    opened = _finder(finder, provider, needed=finder is not None or students == FINDER)
    if opened is not None:
        known[FINDER] = opened
    if students not in (None, WHOLE, FINDER):
        given = open_students(students, finder=DEFAULT_FINDER, provider=provider, threads=0)
        known[given.name] = given
        students = given.name
    return dashboard.Choice(known, students or (FINDER if FINDER in known else WHOLE))


def open_camera(
    source: Source,
    classifier: Classifier,
    students: Students,
    masks: Path | None = None,
    record: Path | None = None,
    *,
    record_few: bool = False,
    students_file: Path | None = None,
) -> dashboard.MachineCamera:
    """A camera of this machine for the Live page, not looked at yet. Raises TaidoError for wrong masks or a wrong record.

    `students_file`: where the students come from, for the record; see `facts_of`.
    """
    if record is not None and not record_few:
        must_not_be_one(students)
    if record is not None and record.exists():
        read_sessions(record)
    blanked = None if masks is None else Masks.read(masks)

    def watcher_of(model: Classifier) -> Watcher:
        return Watcher(model, students, masks=blanked)

    def recorder(file: Path, started_at: datetime) -> Recorder:
        facts = facts_of(
            started_at,
            source,
            monitor.next_watcher.classifier,
            students,
            interval_seconds=INTERVAL_SECONDS,
            students_file=students_file,
            masks=masks,
            record_few=record_few,
        )
        return Recorder(file, facts, few=record_few)

    monitor = Monitor(
        source,
        watcher_of(classifier),
        classifier.spec.class_names,
        recorder_of=None if record is None else partial(recorder, record),
        interval_seconds=INTERVAL_SECONDS,
    )
    return dashboard.MachineCamera(
        monitor,
        single=students.name == WHOLE,
        record=record,
        record_few=record_few,
        classifier=classifier,
        watcher_of=watcher_of,
    )


def _finder(path: Path | None, provider: str, *, needed: bool) -> Students | None:
    """The finder of that file or the bundled one, as it is fastest here; None where it may be missing and does not open."""
    try:
        file = path or _quickest(DEFAULT_FINDER, "--finder", provider)
        return open_students(FINDER, finder=file, provider=provider, threads=0)
    except ModelError as error:
        if needed:
            raise
        if DEFAULT_FINDER.exists():
            logger.warning("Finding every student of a class is off: %s", error)
        return None


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """The command line, see `dashboard/flags.py`."""
    return flags.parse(arguments)


def serve(options: argparse.Namespace) -> None:
    """Serve until interrupted. Raises TaidoError if a model, the source, the port or the access cannot be had."""
    serving = _serving(options)
    allow_many()
    keep_flat()
    with private_uploads(), dashboard.clean_log(options.log_format, serving.access), ExitStack() as opened:
        model = model_of_environment() or options.model or _quickest(DEFAULT_MODEL, "--model", options.provider)
        classifier = Switchable(model, provider=options.provider)
        # where others come as well, nobody may change the model for everybody
        models = (MODELS, model.parent) if is_loopback(options.host) and not serving.access.space else ()
        choice = choose(options.students, options.finder, options.provider)
        gathering = None if options.teach is None else Gathering(options.teach, classifier.spec.class_names, LEARNING_CURVE)
        cameras = []
        for place, masks in zip(options.source, options.masks or [None] * len(options.source), strict=True):
            source = opened.enter_context(open_source(place))
            students, few = choice.students(choice.start), options.record_few
            file = None if options.students in (None, WHOLE, FINDER) else Path(options.students)
            cameras.append(open_camera(source, classifier, students, masks, options.record, record_few=few, students_file=file))
            opened.callback(cameras[-1].monitor.close)
            cameras[-1].monitor.start_thread()
        first = cameras[0] if cameras else None
        demo = dashboard.build(classifier, choice, first, options.record, cameras[1:], gathering, serving, models)
        _launch(demo, dashboard.Health(classifier, choice, first, demo), serving, options.port)


def _quickest(bundled: Path, option: str, provider: str) -> Path:
    """That file or a variant of it."""
    chosen = quickest(bundled, option, provider=provider)
    if chosen.told:
        print(chosen.told, flush=True)
    return chosen.path


def _serving(options: argparse.Namespace) -> dashboard.Serving:
    """To whom the pages are open. Raises AccessError before anything is started."""
    access = dashboard.Access.of(options.host, auth=options.auth, certificate=options.certificate, key=options.key)
    taken = [f"--{name}" for name in NOT_IN_A_SPACE if getattr(options, name, None)]
    if access.space and taken:
        raise AccessError(f"In a Space there are no cameras and no recording: leave out {', '.join(taken)}.")
    if options.mcp and (access.space or access.passwords):
        raise AccessError("--mcp serves programs of this machine, without a password. Leave out --auth and --host, or --mcp.")
    if options.mcp:
        dashboard.must_have_mcp()
    if options.metrics:
        dashboard.must_have_metrics()
    return dashboard.Serving.of(access, mcp=options.mcp, metrics=options.metrics, webcams=options.webcams)


def _launch(demo: gr.Blocks, health: dashboard.Health, serving: dashboard.Serving, port: int) -> None:
    access = serving.access
    scheme = "https" if access.https else "http"
    print(f"Taido is starting on {scheme}://{_address(access.host)}:{port} (stop it with Ctrl+C)", flush=True)
    if access.advice:
        print(access.advice, flush=True)
    try:
        demo.launch(server_port=port, quiet=True, **dashboard.launch_settings(serving, health))
    except OSError as error:
        raise TaidoError(
            f"Cannot listen on {access.host}:{port} (is it in use?). Choose another with --port or --host."
        ) from error
    finally:
        demo.close(verbose=False)  # nothing new begins while uploads are deleted


@contextmanager
def private_uploads() -> Iterator[Path]:
    """A folder for uploads that only this user can read, deleted at the end; GRADIO_TEMP_DIR, where set, is left in charge."""
    if "GRADIO_TEMP_DIR" in os.environ:
        yield Path(os.environ["GRADIO_TEMP_DIR"])
        return
    left_over.sweep(Path(tempfile.gettempdir()))
    with (
        tempfile.TemporaryDirectory(prefix=left_over.PREFIX, ignore_cleanup_errors=True) as folder,
        left_over.in_use(Path(folder)),
    ):
        os.environ["GRADIO_TEMP_DIR"] = folder
        try:
            yield Path(folder)
        finally:
            del os.environ["GRADIO_TEMP_DIR"]


def _address(host: str) -> str:
    """What a person types for the address to listen on."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit status 0, or 2 with one line on stderr."""
    options = parse(arguments)
    try:
        with orderly_end(0):  # so that lessons end and uploads are deleted then, too
            serve(options)
    except TaidoError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        pass
    except SystemExit as ended:
        if ended.code:
            raise
    return 0


def end(status: int) -> None:
    """At once: threads that still work on a call have nobody left to answer, and would keep the process for as long."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    end(main())
