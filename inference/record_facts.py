"""`facts_of`: what a record says of a lesson besides its counts, the same whether `watch` or the app recorded it.

facts = facts_of(datetime.now().astimezone(), source, classifier, students, interval_seconds=10.0)
recorder = Recorder(Path("lessons.db"), facts)
"""

import dataclasses
from datetime import datetime
from pathlib import Path

from inference.classifier import Classifier
from inference.decision import following_settings
from inference.record import SessionFacts
from inference.sources import Source
from inference.students import Students
from inference.watching import CLASSIFY_EVERY, FIND_EVERY


def facts_of(
    started_at: datetime,
    source: Source,
    classifier: Classifier,
    students: Students,
    *,
    interval_seconds: float,
    students_file: Path | None = None,
    masks: Path | None = None,
    find_every: int = FIND_EVERY,
    classify_every: int = CLASSIFY_EVERY,
    every: int = 1,
    per_seat: bool = False,
    record_few: bool = False,
) -> SessionFacts:
    """Of a lesson that begins then. `students_file`: of seats, which do not know theirs; the keywords are those of `watch`."""
    classifier = classifier.now
    file = getattr(students, "path", students_file)
    settings = {
        "live": source.live,
        "threshold": getattr(students, "threshold", None),
        "masks": None if masks is None else str(masks),
        "find_every": find_every,
        "classify_every": classify_every,
        "every": every,
        "per_seat": per_seat,
        "record_few": record_few,
        "provider": classifier.provider,
        "following": dataclasses.asdict(following_settings(classifier.spec)),
    }
    return SessionFacts(
        started_at=started_at,
        class_names=classifier.spec.class_names,
        source=source.name,
        model=classifier.session.path.name,
        model_hash=classifier.session.sha256,
        finder=students.name if file is None else f"{students.name} {file.name}",
        settings=settings,
        interval_seconds=interval_seconds,
    )
