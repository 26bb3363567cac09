"""Curves of runs over the epochs, as a PNG file."""

import csv
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

logger = logging.getLogger("training")

PANELS = {
    "loss": ("train_loss", "eval_loss"),
    "right, %": ("eval_top1", "eval_exact"),
    "learning rate": ("lr",),
}
NAMES = {"train_loss": "training", "eval_loss": "kept apart", "eval_top1": "kept apart", "eval_exact": "kept apart", "lr": "lr"}


def read(path: Path) -> dict[str, list[float]]:
    """Columns of a `summary.csv`, not a number where a cell is empty."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {name: [float(row[name] or "nan") for row in rows] for name in (rows[0] if rows else ())}


def draw(summary: Path, out: Path) -> None:
    """`curves.png` of one run; nothing before its first epoch. A picture that cannot be written costs no run: it is logged."""
    columns = read(summary) if summary.is_file() else {}
    if not columns:
        return
    shown = {title: [name for name in names if name in columns] for title, names in PANELS.items()}
    shown = {title: names for title, names in shown.items() if names}
    figure = Figure(figsize=(4.2 * len(shown), 3.4), layout="constrained")
    for axes, (title, names) in zip(np.atleast_1d(figure.subplots(1, len(shown))), shown.items(), strict=True):
        for name in names:
            axes.plot(columns["epoch"], columns[name], marker=".", label=NAMES[name])
        _dress(axes, title, legend=len(names) > 1)
    _save(figure, out)


def draw_runs(groups: Mapping[str, Sequence[Path]], out: Path, column: str = "eval_loss") -> None:
    """One line per group of runs: the mean over its runs' `summary.csv`, and the range between them."""
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for name, paths in groups.items():
        tables = [read(path) for path in paths if path.is_file()]
        tables = [table for table in tables if table.get(column)]
        if not tables:
            continue
        length = min(len(table[column]) for table in tables)
        values = np.array([table[column][:length] for table in tables])
        (line,) = axes.plot(range(length), values.mean(axis=0), marker=".", label=name)
        axes.fill_between(range(length), values.min(axis=0), values.max(axis=0), alpha=0.15, color=line.get_color())
    _dress(axes, "loss on the pictures kept apart" if column == "eval_loss" else column, legend=True)
    _save(figure, out)


def _dress(axes: "object", title: str, *, legend: bool) -> None:
    axes.set_title(title, fontsize=10)  # type: ignore[attr-defined]
    axes.set_xlabel("epoch")  # type: ignore[attr-defined]
    axes.grid(alpha=0.3)  # type: ignore[attr-defined]
    axes.xaxis.get_major_locator().set_params(integer=True)  # type: ignore[attr-defined]
    if legend:
        axes.legend(fontsize=8)  # type: ignore[attr-defined]


def _save(figure: Figure, out: Path) -> None:
    try:
        FigureCanvasAgg(figure).print_png(str(out), pil_kwargs={"optimize": True})
    except OSError as error:
        logger.warning("%s could not be drawn (%s).", out, error.strerror)
