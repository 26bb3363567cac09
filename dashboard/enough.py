"""What the Teach page says of the folder: how much there is of each class, and whether that is enough to start training.

table(gathering, "en")

"Enough" is read from a learning curve (`inference/learning.py`), the folder's own as soon as there is one; and whatever that
says, training needs some persons of every class.
"""

import shlex
from collections.abc import Sequence
from html import escape

from dashboard.charts import card, percent, quiet
from dashboard.error_texts import told
from dashboard.texts import Language, attitude, text
from inference import TaidoError
from inference.gathering import ClassCount, Gathering, Need
from inference.learning import ENOUGH_GAIN, LearningCurve, Rate

MEASURE = "python -m training.crossval {folder} --probe --pretrained --learning-curve 5,10,20,40,80"
TRAIN = "python -m training.train {folder} --pretrained"


def table(gathering: Gathering, language: Language) -> str:
    """As HTML."""
    try:
        need, problem = gathering.need(), ""
    except TaidoError as error:
        need, problem = Need(None), quiet(told(error, language))
    counts = gathering.counts()
    body = _counts(counts, need, language) + problem + _next_step(counts, need, gathering, language) + _why(need, language)
    return card(text("teach_counts", language), f'<div class="taido-enough">{body}{_source(need, gathering, language)}</div>')


def _counts(counts: Sequence[ClassCount], need: Need, language: Language) -> str:
    rows = []
    for count in counts:
        enough = text("teach_yes" if not any(count.missing(need)) else "teach_not_yet", language)
        pictures = text("teach_of", language, there=count.pictures, needed=need.pictures)
        persons = text("teach_of", language, there=count.persons, needed=need.persons)
        rows.append([attitude(count.name, language), pictures, persons, enough])
    return _table(("table_attitude", "teach_pictures", "teach_persons", "teach_enough"), rows, language)


def _next_step(counts: Sequence[ClassCount], need: Need, gathering: Gathering, language: Language) -> str:
    """To go on, or the command that trains."""
    used = [count for count in counts if count.pictures]
    if len(used) < 2 or any(any(count.missing(need)) for count in used):
        return quiet(text("teach_go_on", language))
    return quiet(text("teach_train", language)) + _command(TRAIN, gathering)


def _why(need: Need, language: Language) -> str:
    """What the curve says, and what follows from it."""
    needed = quiet(text("teach_need", language, pictures=need.pictures, persons=need.persons))
    if need.curve is None:
        return quiet(text("teach_curve_none", language)) + needed
    doubling = need.curve.doubling
    half, whole = doubling.half, doubling.whole
    values = {"half": half.per_class, "whole": whole.per_class, "enough": f"{100 * ENOUGH_GAIN:.0f}"}
    for name, rate in (("half", half.balanced_accuracy), ("whole", whole.balanced_accuracy)):
        values |= {f"{name}_value": percent(rate.value), f"{name}_low": percent(rate.low), f"{name}_high": percent(rate.high)}
    points = {"gain": doubling.gain.value, "gain_low": doubling.gain.low, "gain_high": doubling.gain.high}
    values |= {name: f"{100 * value:.1f}" for name, value in points.items()}
    rule = "teach_curve_settled" if doubling.settled else "teach_curve_rising"
    return quiet(text("teach_curve", language, **values)) + quiet(text(rule, language, **values)) + needed


def _source(need: Need, gathering: Gathering, language: Language) -> str:
    """Whose pictures were measured, the whole curve, and how to measure one's own."""
    curve = need.curve
    if curve is None:
        return _command(MEASURE, gathering)
    facts = {"images": f"{curve.images:,}", "persons": f"{curve.persons:,}", "day": curve.made_at[:10]}
    whose = text("teach_curve_own" if need.own else "teach_curve_bundled", language, **facts)
    return _curve(curve, language) + quiet(whose) + _command(MEASURE, gathering)


def _curve(curve: LearningCurve, language: Language) -> str:
    rows = []
    for point in curve.points:
        key = "teach_curve_fewest" if point.fewest < point.per_class else ""
        number = text(key, language, per_class=point.per_class, fewest=point.fewest) if key else str(point.per_class)
        rows.append([number, _interval(point.balanced_accuracy, language), _interval(point.accuracy, language)])
    title = text("teach_curve_table", language)
    body = _table(("teach_curve_per_class", "teach_curve_balanced", "teach_curve_right"), rows, language)
    return f"<details><summary>{escape(title)}</summary>{body}</details>"


def _interval(rate: Rate, language: Language) -> str:
    return text("interval", language, value=percent(rate.value), low=percent(rate.low), high=percent(rate.high))


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]], language: Language) -> str:
    head = "".join(f'<th scope="col">{escape(text(key, language))}</th>' for key in heads)
    lines = []
    for name, *cells in rows:
        lines.append(f'<tr><th scope="row">{escape(name)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>')
    return f'<table class="taido-steps"><thead><tr>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _command(command: str, gathering: Gathering) -> str:
    return f'<pre class="taido-command"><code>{escape(command.format(folder=shlex.quote(str(gathering.folder))))}</code></pre>'
