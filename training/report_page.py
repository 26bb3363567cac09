"""The page of a report: one HTML file per language, with its plots inside and nothing fetched from anywhere.

write_pages(content, Path("output/evaluation"), mistakes=12)     # report.html and report.ja.html
"""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from inference.output import write_whole
from inference.words import Language, attitude
from training import metrics, plots
from training.report_texts import text

FILES: dict[Language, str] = {"en": "report.html", "ja": "report.ja.html"}
MISTAKES: dict[Language, str] = {"en": "mistakes.html", "ja": "mistakes.ja.html"}
FEW_PICTURES, FEW_PERSONS = 30, 10


def write_pages(content: dict[str, Any], folder: Path, *, mistakes: int = 0) -> None:
    """Both languages; `mistakes`: how many wrong answers the file beside it shows. Raises OutputError."""
    for language, file in FILES.items():
        write_whole(folder / file, page(content, language, mistakes=mistakes).encode("utf-8"))


def page(content: dict[str, Any], language: Language, *, mistakes: int = 0) -> str:
    """The whole page as HTML."""
    return render(
        "report.html",
        language,
        r=content,
        plots=_plots(content, language),
        warnings=warnings(content, language),
        mistakes=mistakes,
        mistakes_file=MISTAKES[language],
        other_file=FILES["ja" if language == "en" else "en"],
        condition=lambda name: _condition(name, language),
        part_name=lambda name: attitude(_part(name), language),
    )


def render(template: str, language: Language, **values: Any) -> str:
    """A template of ours, with what all of them use."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    common: dict[str, Any] = {
        "language": language,
        "t": lambda key, **more: text(key, language, **more),
        "ja": lambda key, **more: text(key, "ja", **more),
        "attitude": lambda name: attitude(name, language),
        "percent": percent,
        "exact": metrics.exact,
        "span": span,
        "interval": interval,
        "rated": lambda value: f"{percent(metrics.exact(value))} {interval(value)}",
    }
    return environment.get_template(template).render(**common, **values)


def percent(value: float | None) -> str:
    """`83.6 %`."""
    return "–" if value is None else f"{100 * value:.1f} %"


def span(bounds: Sequence[float] | None) -> str:
    """`[79.9, 86.8]`; nothing where there is no interval."""
    return "" if bounds is None or bounds[0] is None else f"[{100 * bounds[0]:.1f}, {100 * bounds[1]:.1f}]"


def interval(value: dict[str, Any]) -> str:
    """The one to show of a value of `training.metrics`; Wilson's of a simple rate."""
    return span(value["interval"] if "interval" in value else (value["lo"], value["hi"]))


def warnings(content: dict[str, Any], language: Language) -> list[str]:
    """What somebody must know before believing a score."""
    counts = {name: content["recall"][name]["n"] for name in content["classes"]}
    absent = [attitude(name, language) for name, n in counts.items() if n == 0]
    few = [f"{attitude(name, language)} ({n})" for name, n in counts.items() if 0 < n < FEW_PICTURES]
    seen, lines = content["seen"], []
    if seen["same_data"]:
        lines.append(text("warn_fingerprint", language))
    elif seen["split"] is None:
        lines.append(text("warn_unknown", language))
    elif seen["trained"]:
        lines.append(text("warn_seen", language, n=seen["trained"], of=content["n"], file=seen["split"]))
    if content["persons"] < FEW_PERSONS:
        lines.append(text("warn_few_persons", language, n=content["persons"]))
    untaught = [f"{attitude(name, language)} ({n})" for name, n in content.get("untaught", {}).items()]
    if untaught:
        lines.append(text("warn_untaught", language, names=", ".join(untaught)))
    if absent:
        lines.append(text("warn_absent", language, names=", ".join(absent)))
    if few:
        lines.append(text("warn_few", language, names=", ".join(few)))
    problems = [key for key in ("failures", "unlabelled") if content[key]]
    return [*lines, *(text(f"warn_{key}", language, n=len(content[key])) for key in problems)]


def _plots(content: dict[str, Any], language: Language) -> dict[str, tuple[str, str]]:
    """Each as two `data:` addresses, wide and narrow."""
    names = [attitude(name, language) for name in content["classes"]]
    whole = content["accuracy"]["value"]
    recalls = [(name, content["recall"][key]) for name, key in zip(names, content["classes"], strict=True)]
    size = 1.6 + 0.8 * min(len(names), 8)
    drawn = {
        "confusion": plots.both(
            lambda axes, style: plots.confusion(axes, style, content["confusion"], names),
            language,
            height=size,
            narrow_height=3.6,
        ),
        "recall": _rates(recalls, None, language),
        "camera": _rates(_parts(content["camera"]), whole, language),
        "reliability": plots.both(
            lambda axes, style: plots.reliability(axes, style, content["calibration"]["bins"]),
            language,
            height=4.4,
            narrow_height=3.6,
        ),
        "coverage": plots.both(
            lambda axes, style: plots.coverage(axes, style, content["uncertain"]), language, height=4.0, narrow_height=3.4
        ),
    }
    if content.get("learning_curve"):
        drawn["learning_curve"] = plots.both(
            lambda axes, style: plots.learning_curve(axes, style, content["learning_curve"]),
            language,
            height=3.8,
            narrow_height=3.2,
        )
    for name, table in content["conditions"].items():
        drawn[f"condition_{name}"] = _rates(_parts(table), whole, language)
    return {name: (_address(wide), _address(narrow)) for name, (wide, narrow) in drawn.items()}


def _rates(lines: Sequence[tuple[str, dict[str, Any]]], whole: float | None, language: Language) -> tuple[str, str]:
    return plots.both(lambda axes, style: plots.rates(axes, style, lines, whole), language, height=0.7 + 0.34 * len(lines))


def _parts(table: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [(_part(name), part["accuracy"]) for name, part in table.items()]


def _part(name: str) -> str:
    """Without the number that makes parts sort."""
    head, colon, rest = name.partition(": ")
    return rest if colon and head.isdigit() else name


def _condition(name: str, language: Language) -> str:
    if name in ("size", "sharpness", "brightness"):
        return text(f"condition_{name}", language)
    return text("condition_other", language, name=name)


def _address(svg: str) -> str:
    return f"data:image/svg+xml;base64,{base64.b64encode(svg.encode('utf-8')).decode('ascii')}"
