"""The tables of a model card as Markdown, in English and Japanese: one line per test, confusion, and by kind of picture.

`python -m export.card` puts them between the markers of a card. Those of a finder are in `export.finder_tables`.
"""

from collections.abc import Sequence
from typing import Any

from export.wording import Language, interval, percent, rate
from export.wording import text as phrase

TEXTS: dict[str, tuple[str, str]] = {
    "test": ("test", "試験"),
    "images": ("images", "画像"),
    "persons": ("persons", "人物"),
    "accuracy": ("accuracy, Wilson 95 %", "正解率、Wilson 95 %"),
    "resampled": ("resampling persons", "人物の再抽出"),
    "balanced": ("balanced accuracy, resampling persons", "均衡正解率、人物の再抽出"),
    "unseen_persons": ("unseen persons", "学習していない人物"),
    "without": ("unseen persons without {camera}", "学習していない人物、{camera} を除く"),
    "camera": ("unseen camera {camera}", "学習していないカメラ {camera}"),
    "rows": ("**{name}**: rows are the label, columns the answer", "**{name}**: 行はラベル、列は答え"),
    "label": ("label", "ラベル"),
    "recall": ("recall, Wilson 95 %", "再現率、Wilson 95 %"),
    "conditions": ("**by how the picture was taken**", "**写真の写り方による違い**"),
    "by": ("by", "分け方"),
    "part": ("part", "範囲"),
    "size": ("size", "大きさ"),
    "sharpness": ("sharpness", "鮮明さ"),
    "brightness": ("brightness", "明るさ"),
    "view": ("view", "向き"),
    "front": ("front", "正面"),
    "side": ("side", "横"),
    "no face": ("no face found", "顔が見つからない"),
    "part_accuracy": ("accuracy, 95 %", "正解率、95 %"),
    "part_balanced": ("balanced accuracy", "均衡正解率"),
}


def tables(tests: dict[str, Any], language: Language) -> str:
    """One line per test, then recall and confusion of each."""
    head = [_text(name, language) for name in ("test", "images", "persons", "accuracy", "resampled", "balanced")]
    lines = as_table([head, *(_line(report, language) for report in tests.values())])
    for report in tests.values():
        lines += ["", _text("rows", language).format(name=_title(report, language)), "", *_confusion(report, language)]
    return "\n".join(lines)


def conditions(report: dict[str, Any], language: Language) -> str:
    """How the scores of a report of `training.evaluate` differ by the conditions of the picture."""
    head = [_text(name, language) for name in ("by", "part", "images", "persons", "part_accuracy", "part_balanced")]
    rows = [
        [
            _text(name, language),
            _text(part.split(": ", 1)[-1], language),
            str(value["accuracy"]["n"]),
            str(value["persons"]),
            rate(value["accuracy"], language),
            percent(value["balanced_accuracy"]),
        ]
        for name, table in report["conditions"].items()
        for part, value in table.items()
    ]
    return "\n".join([_text("conditions", language), "", *as_table([head, *rows])])


def _line(report: dict[str, Any], language: Language) -> list[str]:
    accuracy, balanced = report["accuracy"], report["balanced_accuracy"]
    return [
        _title(report, language),
        str(report["n"]),
        str(report["persons"]),
        rate({**accuracy, "interval": [accuracy["lo"], accuracy["hi"]]}, language),
        interval(accuracy["cluster"]),
        f"{percent(balanced['value'])} {interval(balanced['cluster'])}",
    ]


def _title(report: dict[str, Any], language: Language) -> str:
    if report["camera_left_out"]:
        return _text("camera", language).format(camera=report["camera_left_out"])
    if report["without"]:
        return _text("without", language).format(camera=report["without"])
    return _text("unseen_persons", language)


def _confusion(report: dict[str, Any], language: Language) -> list[str]:
    names = report["classes"]
    rows = [[_text("label", language), *names, _text("recall", language)]]
    for name, row in zip(names, report["confusion"], strict=True):
        recall = report["recall"][name]
        bounds = {**recall, "interval": [recall["lo"], recall["hi"]]}
        text = phrase("of", language, rate=rate(bounds, language), n=recall["n"]) if recall["n"] else phrase("none", language)
        rows.append([name, *map(str, row), text])
    return as_table(rows)


def as_table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Of a Markdown table; the first row is its head."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return [lines[0], "|---" * len(rows[0]) + "|", *lines[1:]]


def _text(name: str, language: Language) -> str:
    """A column of one's own, or a range of pixels, is called what it is called."""
    return TEXTS[name][language == "ja"] if name in TEXTS else name
