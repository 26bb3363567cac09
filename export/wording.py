"""How a figure is written in a card, in English and Japanese: `written("rate", ["persons/accuracy"], figures, "en")`.

A key is the way into the figures file: `bav/recall/touching-pda`. Of a list of objects it takes the one that fits:
`claB/pairs/label=looking-ahead,answer=touching-pda`. Keys and formats that do not exist are errors that name the nearest ones.
"""

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Literal

from inference.errors import DataError
from training.metrics import exact
from training.resampling import FEWEST_GROUPS

Language = Literal["en", "ja"]

TEXTS: dict[str, tuple[str, str]] = {
    "none": ("no images", "画像なし"),
    "of": ("{rate} of {n}", "{n} 枚の {rate}"),
    "count": ("{k} of {n}", "{n} 枚中 {k} 枚"),
    "points": ("{value} points {interval}", "{value} ポイント {interval}"),
    "range": ("{low} to {high} %", "{low}〜{high} %"),
    "better": ("better by more than chance", "偶然を超えて良い"),
    "worse": ("worse by more than chance", "偶然を超えて悪い"),
    "same": ("not told apart from chance", "偶然と区別できない"),
    "few": ("too few groups to tell", "組が少なく判断できない"),
}


def text(name: str, language: Language, **values: object) -> str:
    """A phrase of ours."""
    return TEXTS[name][language == "ja"].format(**values)


def percent(value: float) -> str:
    """Of a share 0..1."""
    return f"{100 * value:.1f} %"


def interval(bounds: Sequence[float] | None) -> str:
    """Of shares 0..1, without the sign; empty where there is none."""
    return "" if bounds is None else f"[{100 * bounds[0]:.1f}, {100 * bounds[1]:.1f}]"


def rate(value: dict[str, Any], language: Language) -> str:
    """A share with the interval that is to be shown."""
    share = exact(value)
    if share is None:
        return text("none", language)
    bounds = value.get("interval") or (None if value.get("lo") is None else [value["lo"], value["hi"]])
    return f"{percent(share)} {interval(bounds)}".strip()


def points(value: dict[str, Any], language: Language) -> str:
    """A difference of shares, signed."""
    bounds = value["interval"]
    signed = "" if bounds is None else f"[{100 * bounds[0]:+.1f}, {100 * bounds[1]:+.1f}]"
    return text("points", language, value=f"{100 * value['difference']:+.1f}", interval=signed).strip()


def score(value: Any, _: Language) -> str:
    """An F1 or an average precision, to three places as papers write them, with its interval where there is one."""
    if not isinstance(value, dict):
        return f"{value:.3f}"
    bounds = value["interval"]
    return f"{value['value']:.3f}" + ("" if bounds is None else f" [{bounds[0]:.3f}, {bounds[1]:.3f}]")


def written(form: str, keys: Sequence[str], figures: dict[str, Any], language: Language) -> str:
    """The figures of the keys in one of FORMATS, of several keys as `range`, or of a paired test as `verdict`.

    Raises DataError for a key or format that does not exist or does not fit.
    """
    if form not in (*FORMATS, "range", "verdict"):
        raise DataError(f"There is no format {form!r} for a figure. There are: {', '.join(FORMATS)}, range, verdict.")
    values = [find(figures, key) for key in keys]
    try:
        if form == "range":
            return _range([value["value"] for value in values], language)
        (value,) = values
        if form == "verdict":
            return _verdict(value["interval"], int(find(figures, keys[0].split("/", maxsplit=1)[0])["groups"]), language)
        return FORMATS[form](value, language)
    except (KeyError, TypeError, ValueError) as error:
        shown = str(values)[:80]
        raise DataError(f"The figure {' '.join(keys)} cannot be written as {form!r}: it is {shown} ({error!r}).") from error


def find(figures: dict[str, Any], key: str) -> Any:
    """What a key leads to. Raises DataError with the nearest keys where there is nothing."""
    value: Any = figures
    for part in key.split("/"):
        value = _step(value, part)
        if value is None:
            near = difflib.get_close_matches(key, list(_keys(figures)), n=5, cutoff=0.4)
            raise DataError(f"There is no figure {key!r}. The nearest are: {', '.join(near) or 'none'}.")
    return value


def _step(value: Any, part: str) -> Any:
    if isinstance(value, dict):
        return value.get(part)
    if not isinstance(value, list):
        return None
    wanted = dict(pair.partition("=")[::2] for pair in part.split(","))
    fits = (one for one in value if isinstance(one, dict) and all(str(one.get(k)) == v for k, v in wanted.items()))
    return next(fits, None)


def _keys(value: Any, before: str = "") -> Iterator[str]:
    """Every key there is; of a list, the keys by the words of its objects."""
    if isinstance(value, dict):
        parts = value.items()
    elif isinstance(value, list) and all(isinstance(one, dict) for one in value):
        parts = [(",".join(f"{k}={v}" for k, v in one.items() if isinstance(v, str)), one) for one in value]  # type: ignore[assignment]
    else:
        return
    for name, below in parts:
        yield f"{before}{name}"
        yield from _keys(below, f"{before}{name}/")


def _of(value: dict[str, Any], language: Language) -> str:
    return text("of", language, rate=rate(value, language), n=value["n"]) if value["n"] else text("none", language)


def _percent(value: Any, language: Language) -> str:
    share = exact(value) if isinstance(value, dict) else value
    return text("none", language) if share is None else percent(share)


def _gain(value: dict[str, Any], language: Language) -> str:
    """Of a variant, as its gate tells it: what it loses, turned round."""
    low, high = value["drop_interval"]
    return points({"difference": 0.0 - value["drop"], "interval": (0.0 - high, 0.0 - low)}, language)


def _decimal(value: Any, _: Language) -> str:
    if not isinstance(value, dict):
        return f"{value:.2f}"
    return f"{value['value']:.2f} [{value['interval'][0]:.2f}, {value['interval'][1]:.2f}]"


def _f1_gain(value: dict[str, Any], _: Language) -> str:
    """Of a finder's variant, as `_gain`."""
    low, high = value["f1_drop_interval"]
    return f"{0.0 - value['f1_drop']:+.3f} [{0.0 - high:+.3f}, {0.0 - low:+.3f}]"


def _range(values: Sequence[float], language: Language) -> str:
    return text("range", language, low=f"{100 * min(values):.0f}", high=f"{100 * max(values):.0f}")


def _verdict(bounds: Sequence[float] | None, groups: int, language: Language) -> str:
    if bounds is None or groups < FEWEST_GROUPS:
        return text("few", language)
    return text("better" if bounds[0] > 0 else "worse" if bounds[1] < 0 else "same", language)


FORMATS: dict[str, Callable[[Any, Language], str]] = {
    "rate": rate,
    "rate-of": _of,
    "percent": _percent,
    "share": lambda value, _: f"{100 * value:.0f} %",
    "count": lambda value, language: text("count", language, k=value["k"], n=value["n"]),
    "points": points,
    "changed": lambda value, language: text("count", language, k=value["changed"], n=value["images"]),
    "gain": _gain,
    "f1-gain": _f1_gain,
    "decimal": _decimal,
    "score": score,
    "number": lambda value, _: f"{value:,}",
    "plain": lambda value, _: f"{value:g}",
    "megabytes": lambda value, _: f"{value / 1e6:.1f} MB",
    "pixels": lambda value, _: f"{value[0]} x {value[1]}",
}
