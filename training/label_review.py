"""What a person decided about doubtful labels: a CSV, honoured in training without touching a picture or a manifest.

    file,label,...,decision
    sleep/a.jpg,sleep,...,keep
    sleep/b.jpg,sleep,...,relabel:looking-down
    sleep/c.jpg,sleep,...,drop

`python -m training.review` writes the list with the column `decision` empty, a person fills it in, and
`training.train --label-review FILE` takes it. An empty decision changes nothing. Further columns are for the person's eyes.
"""

import csv
import dataclasses
from collections.abc import Collection, Sequence
from pathlib import Path

from inference.errors import DataError
from training.data import Sample

KEEP, DROP, RELABEL = "keep", "drop", "relabel:"


def read(path: Path) -> dict[str, tuple[str, str]]:
    """For each file its label when it was looked at and the decision. Raises DataError naming the line that cannot be used."""
    if not path.is_file():
        raise DataError(f"There is no label review {path}. Make one with python -m training.review.")
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not UTF-8 text ({error}). Save it as CSV UTF-8.") from error
    reader = csv.DictReader(text.splitlines())
    lacking = {"file", "label", "decision"} - set(reader.fieldnames or [])
    if lacking:
        raise DataError(f"{path} lacks the columns {', '.join(sorted(lacking))} (found {reader.fieldnames}).")
    decisions: dict[str, tuple[str, str]] = {}
    for row in reader:
        decision = (row["decision"] or "").strip()
        where = f"{path}, line {reader.line_num}"
        if not (decision in ("", KEEP, DROP) or (decision.startswith(RELABEL) and decision.removeprefix(RELABEL).strip())):
            raise DataError(f"{where}: the decision {decision!r} is none of keep, drop and relabel:<class>.")
        earlier = decisions.get(row["file"])
        if earlier is not None and decision and earlier[1] not in ("", decision):
            raise DataError(f"{where}: {row['file']} is decided twice, as {earlier[1]!r} and as {decision!r}. Leave one.")
        if earlier is None or decision:
            decisions[row["file"]] = (row["label"], decision)
    return decisions


def apply(
    samples: Sequence[Sample], decisions: dict[str, tuple[str, str]], *, class_names: Collection[str], source: Path
) -> list[Sample]:
    """The samples with what was decided. Raises DataError for files and classes that are not there, or labels changed since."""
    known = {s.file: s for s in samples}
    missing = sorted(set(decisions) - set(known))
    if missing:
        raise DataError(f"{source} decides about {len(missing)} pictures that are not in the folder, e.g. {missing[0]}.")
    changed = [f for f, (label, decision) in decisions.items() if decision not in ("", KEEP) and label != known[f].label]
    if changed:
        label, now = decisions[changed[0]][0], known[changed[0]].label
        raise DataError(
            f"{source} was made when {changed[0]} was labelled {label!r}; it is {now!r} now ({len(changed)} such pictures). "
            "Make the review anew."
        )
    result: list[Sample] = []
    for sample in samples:
        decision = decisions.get(sample.file, ("", ""))[1]
        if decision.startswith(RELABEL):
            label = decision.removeprefix(RELABEL).strip()
            if label not in class_names:
                raise DataError(
                    f"{source} relabels {sample.file} as {label!r}; the classes are {', '.join(sorted(class_names))}."
                )
            result.append(dataclasses.replace(sample, label=label))
        elif decision != DROP:
            result.append(sample)
    return result


def reviewed(samples: Sequence[Sample], path: Path) -> list[Sample]:
    """`read` and `apply` in one, for the classes that the samples have."""
    return apply(samples, read(path), class_names={s.label for s in samples}, source=path)
