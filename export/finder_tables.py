"""The tables of a finder's card as Markdown, in English and Japanese: scores by camera, and from the frame to the attitude.

A card asks for them with `<!-- = cameras students/measured/tests -->` and `<!-- = rooms NAME... -->`, see `export.card`.
"""

from collections.abc import Sequence
from typing import Any

from export.card_tables import as_table
from export.wording import Language, percent, points, rate, score

TEXTS: dict[str, tuple[str, str]] = {
    "camera": ("unseen camera", "学習していないカメラ"),
    "frames": ("frames", "フレーム"),
    "students": ("students", "学生"),
    "ap50": ("AP50", "AP50"),
    "f1": ("centre F1", "中心 F1"),
    "precision": ("precision", "適合率"),
    "recall": ("recall", "再現率"),
    "f1_best": ("best F1 (threshold)", "最良の F1(しきい値)"),
    "drawn": ("drawn boxes: accuracy, balanced", "人が描いた枠: 正解率、均衡"),
    "there": ("found", "見つかった学生"),
    "drawn_of_those_found": ("drawn boxes of those found", "見つかった学生の、人が描いた枠"),
    "found": ("found boxes of the same", "同じ学生の、見つけた枠"),
    "change": ("found against drawn", "見つけた枠と描いた枠の差"),
    "found_or_wrong": ("all, not found is wrong", "全員、見つからない学生は誤り"),
    "wider": ("{camera}, {margin} wider", "{camera}、{margin} 広げる"),
    "narrower": ("{camera}, {margin} narrower", "{camera}、{margin} 狭める"),
}
NOT_MEASURED = "–"


def cameras(tests: Sequence[Sequence[dict[str, Any]]], language: Language) -> str:
    """A line for each camera, of lists as `export.finder_scores` writes them."""
    columns = ("camera", "frames", "students", "ap50", "f1", "precision", "recall", "f1_best")
    lines = [
        [
            test["camera"],
            f"{test['frames']:,}",
            f"{test['students']:,}",
            *(score({"value": test[name], "interval": test["interval"][name]}, language) for name in ("ap50", "f1")),
            score(test["precision"], language),
            score(test["recall"], language),
            f"{score(test['f1_best'], language)} ({test['threshold_best']:.2f})",
        ]
        for some in tests
        for test in some
    ]
    return "\n".join(as_table([[_text(name, language) for name in columns], *lines]))


def rooms(documents: Sequence[dict[str, Any]], language: Language) -> str:
    """A line for each margin of each document of `training.rooms`."""
    columns = ("camera", "frames", "students", "drawn", "there", "drawn_of_those_found", "found", "change", "found_or_wrong")
    lines = [
        [
            _named(document["camera"], float(margin), language),
            f"{document['frames']:,}",
            f"{document['students']:,}",
            _rates(rates["drawn"], language),
            f"{rates['found']['n']:,}",
            *(_rates(rates.get(part), language) for part in ("drawn_of_those_found", "found")),
            _change(rates.get("change"), language),
            _rates(rates["found_or_wrong"], language),
        ]
        for document in documents
        for margin, rates in document["margins"].items()
    ]
    return "\n".join(as_table([[_text(name, language) for name in columns], *lines]))


def _named(camera: str, margin: float, language: Language) -> str:
    words = _text("wider" if margin > 0 else "narrower", language)
    return words.format(camera=camera, margin=percent(abs(margin))) if margin else camera


def _rates(part: dict[str, Any] | None, language: Language) -> str:
    """Accuracy and balanced accuracy."""
    if part is None or part["accuracy"]["value"] is None:
        return NOT_MEASURED
    return f"{rate(part['accuracy'], language)}, {rate(part['balanced_accuracy'], language)}"


def _change(part: dict[str, Any] | None, language: Language) -> str:
    """The same, of differences."""
    if part is None or part["accuracy"]["difference"] is None:
        return NOT_MEASURED
    return f"{points(part['accuracy'], language)}, {points(part['balanced_accuracy'], language)}"


def _text(name: str, language: Language) -> str:
    return TEXTS[name][language == "ja"]
