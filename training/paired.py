"""Is one recipe better than another, or is it chance? Both answered for the same pictures.

    python -m training.paired output/crossval-a output/crossval-b

A and B are folders of `training.crossval`, `training.evaluate` or `training.train`, or tables of scores. Two tests are made:
McNemar's (1947, exact) counts the pictures that only one of the two gets right; it takes pictures as independent, which pictures
of one person are not. The bootstrap over whole persons (or cameras) does not, and the answer in words follows it.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import binomtest

from inference.errors import DataError, TaidoError
from inference.output import write_whole
from training import label_review, metrics, outcomes
from training.folds import Group, groups
from training.outcomes import Outcomes
from training.resampling import FEWEST_GROUPS, Resampling, low_high

ROUNDS = 4000


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m training.paired", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("a", type=Path, metavar="A")
    parser.add_argument("b", type=Path, metavar="B")
    parser.add_argument("--group", default="person", choices=("person", "camera"), help="what is drawn anew as a whole")
    parser.add_argument("--label-review", type=Path, help="judge both by the labels that a person decided about")
    parser.add_argument("--json", type=Path, help="file for the figures")
    given = parser.parse_args(argv)
    try:
        one, other = (outcomes.read(path) for path in (given.a, given.b))
        result = compare(*paired(one, other, given.label_review), group=given.group)
        if given.json is not None:
            write_whole(given.json, json.dumps(result, indent=1).encode("utf-8"))
    except TaidoError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    print(told(result, str(given.a), str(given.b)))
    return 0


def paired(one: Outcomes, other: Outcomes, review: Path | None = None) -> tuple[Outcomes, Outcomes]:
    """Both in the order of the first, judged by the same labels. Raises DataError when they answered for different pictures."""
    if one.class_names != other.class_names:
        raise DataError(f"The classes differ: {', '.join(one.class_names)} and {', '.join(other.class_names)}.")
    first, second = ({_key(o, i): i for i in range(len(o.samples))} for o in (one, other))
    if first.keys() != second.keys():
        only = [sorted(set(a) - set(b)) for a, b in ((first, second), (second, first))]
        raise DataError(
            f"A and B answered for different pictures or seeds: {len(only[0])} only in A (e.g. {only[0][:1]}), "
            f"{len(only[1])} only in B (e.g. {only[1][:1]}). Use the same folds, or evaluate both on the same split."
        )
    rows = [second[key] for key in first]
    there = [other.samples[i] for i in rows]
    differing = [a.file for a, b in zip(one.samples, there, strict=True) if a.label != b.label]
    if differing and review is None:
        raise DataError(f"A and B were judged by different labels for {len(differing)} pictures, e.g. {differing[0]}.")
    same = Outcomes(one.samples, other.scores[rows], one.class_names, other.seeds[rows], other.folds[rows])
    return (one, same) if review is None else (_relabelled(one, review), _relabelled(same, review))


def _key(table: Outcomes, row: int) -> tuple[str, int]:
    return table.samples[row].file, int(table.seeds[row])


def _relabelled(table: Outcomes, review: Path) -> Outcomes:
    decisions = label_review.read(review)
    unique = list({s.file: s for s in table.samples}.values())
    here = {s.file for s in unique}
    known = {file: value for file, value in decisions.items() if file in here}
    kept = {s.file: s for s in label_review.apply(unique, known, class_names=table.class_names, source=review)}
    rows = [i for i, s in enumerate(table.samples) if s.file in kept]
    samples = tuple(kept[table.samples[i].file] for i in rows)
    return Outcomes(samples, table.scores[rows], table.class_names, table.seeds[rows], table.folds[rows])


def compare(one: Outcomes, other: Outcomes, *, group: Group) -> dict[str, Any]:
    """Both scores, their difference (B minus A) with its interval, and McNemar's test for each seed."""
    together = groups(one.samples, group)
    persons = Resampling(together.tolist(), rounds=ROUNDS)
    classes, truth = len(one.class_names), one.truth
    result: dict[str, Any] = {
        "n": len({s.file for s in one.samples}),
        "seeds": sorted({int(seed) for seed in one.seeds}),
        "group": group,
        "groups": persons.groups,
    }
    drawn = [persons.tables(truth, table.scores.argmax(axis=1), classes) for table in (one, other)]
    points = [metrics.confusion(truth, table.scores.argmax(axis=1), classes)[None] for table in (one, other)]
    for name, rate in (("accuracy", metrics.accuracies), ("balanced_accuracy", metrics.balanced_accuracies)):
        a, b = (float(rate(table)[0]) for table in points)
        difference = rate(drawn[1]) - rate(drawn[0])
        result[name] = {
            "a": round(a, 4),
            "b": round(b, 4),
            "difference": round(b - a, 4),
            "interval": low_high(difference),
            "share_of_draws_not_better": _not_better(difference, b - a),
        }
    result["mcnemar"] = [mcnemar(one.of_seed(seed).hits, other.of_seed(seed).hits, seed) for seed in result["seeds"]]
    return result


def _not_better(difference: np.ndarray, found: float) -> float | None:
    """Share of the draws in which the difference has the other sign or is none."""
    known = difference[np.isfinite(difference)]
    return round(float((known * np.sign(found) <= 0).mean()), 4) if len(known) and found else None


def mcnemar(a: np.ndarray, b: np.ndarray, seed: int = 0) -> dict[str, Any]:
    """The exact test: of the pictures that only one gets right, could each be either's with the same chance?"""
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    p = binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    return {"seed": seed, "only_a": only_a, "only_b": only_b, "p": round(float(p), 6)}


def told(result: dict[str, Any], a: str, b: str) -> str:
    """The result in words."""
    lines = [f"A  {a}", f"B  {b}", f"{result['n']} pictures, {result['groups']} {result['group']}s, seeds {result['seeds']}"]
    for name in ("accuracy", "balanced_accuracy"):
        value = result[name]
        bounds = value["interval"]
        span = "no interval" if bounds is None else f"95 % [{100 * bounds[0]:+.1f}, {100 * bounds[1]:+.1f}]"
        lines.append(
            f"{name.replace('_', ' ')}: A {100 * value['a']:.1f} %, B {100 * value['b']:.1f} %, "
            f"B minus A {100 * value['difference']:+.1f} points, {span}: {verdict(bounds, result['groups'])}"
        )
    lines += [
        f"McNemar, seed {test['seed']}: only A right {test['only_a']}, only B right {test['only_b']}, p = {test['p']:.2g} "
        "(takes pictures as independent)"
        for test in result["mcnemar"]
    ]
    return "\n".join(lines)


def verdict(bounds: Sequence[float] | None, count: int) -> str:
    """What the interval of a difference allows to say."""
    if bounds is None or count < FEWEST_GROUPS:
        return f"too few groups ({count}) to tell it from chance"
    if bounds[0] > 0:
        return "B is better by more than chance"
    if bounds[1] < 0:
        return "A is better by more than chance"
    return "not told apart from chance"


if __name__ == "__main__":
    sys.exit(main())
