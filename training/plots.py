"""The plots of a report, each drawn twice: for a wide page and for a telephone.

    wide, narrow = both(lambda axes, style: reliability(axes, style, content["calibration"]), "en", height=4.2)

SVG with letters as outlines, so that a page needs no font and no file beside it.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from inference import fonts
from inference.words import Language
from training.report_texts import text

INK, QUIET, GRID, PAPER, MARK, SECOND = "#1f2937", "#5b6472", "#e5e7eb", "#ffffff", "#1d4ed8", "#c2410c"
WIDE_INCHES, NARROW_INCHES = 8.4, 3.9
_SHADES = LinearSegmentedColormap.from_list("shades", [PAPER, "#93b4f5", "#1e3a8a"])
_LONGEST = {True: 12, False: 22}
"""Letters of a name at the edge of a narrow and of a wide plot."""


@dataclass(frozen=True)
class Style:
    """How wide the page is and which language it speaks."""

    language: Language
    narrow: bool

    def short(self, name: str) -> str:
        """A name that fits beside the axis."""
        longest = _LONGEST[self.narrow]
        return name if len(name) <= longest else f"{name[: longest - 1]}…"


Draw = Callable[[Axes, Style], None]


def both(draw: Draw, language: Language, *, height: float, narrow_height: float = 0.0) -> tuple[str, str]:
    """The plot as SVG for a wide and for a narrow page; heights in inches. Without a Japanese font its words are English."""
    language, families = fonts.choose(language, "plots are")
    settings: Any = {"font.family": families, "svg.fonttype": "path", "svg.hashsalt": "taido", "text.color": INK}
    with mpl.rc_context(settings):
        wide = _svg(draw, Style(language, narrow=False), (WIDE_INCHES, height))
        narrow = _svg(draw, Style(language, narrow=True), (NARROW_INCHES, narrow_height or height))
    return wide, narrow


def _svg(draw: Draw, style: Style, size: tuple[float, float]) -> str:
    figure = Figure(size, facecolor=PAPER, layout="constrained")
    axes = figure.add_subplot()
    axes.tick_params(colors=QUIET, labelsize=8 if style.narrow else 9, length=0)
    for side in axes.spines.values():
        side.set_color(GRID)
    draw(axes, style)
    written = io.StringIO()
    FigureCanvasSVG(figure).print_svg(written, metadata={"Date": None, "Creator": None})
    drawn = written.getvalue()
    return drawn[drawn.index("<svg") :]


def confusion(axes: Axes, style: Style, table: Sequence[Sequence[int]], names: Sequence[str]) -> None:
    """Shares of each label as shades, with the counts."""
    counts = np.array(table)
    labelled = counts.sum(axis=1, keepdims=True)
    shares = np.divide(counts, labelled, out=np.zeros(counts.shape), where=labelled > 0)
    axes.imshow(shares, cmap=_SHADES, vmin=0, vmax=1, aspect="equal")
    size = (9 if style.narrow else 11) if len(names) <= 6 else 6
    for (row, column), share in np.ndenumerate(shares):
        words = f"{counts[row, column]}" + (f"\n{share:.0%}" if labelled[row, 0] and len(names) <= 6 else "")
        axes.text(column, row, words, ha="center", va="center", fontsize=size, color=PAPER if share > 0.55 else INK)
    shown = [style.short(name) for name in names]
    axes.set_xticks(range(len(names)), shown, rotation=30 if style.narrow else 0, ha="right" if style.narrow else "center")
    axes.set_yticks(range(len(names)), shown)
    axes.set_xlabel(text("answer", style.language), color=QUIET, fontsize=9)
    axes.set_ylabel(text("label", style.language), color=QUIET, fontsize=9)


def rates(axes: Axes, style: Style, lines: Sequence[tuple[str, dict[str, Any]]], whole: float | None = None) -> None:
    """A point with its interval for each line, the first on top; `whole` draws the value of all pictures behind them."""
    for at, (_, value) in enumerate(lines):
        low, high = value["interval"] or (None, None)
        if value["value"] is None or low is None:
            axes.text(0.5, at, text("no_images", style.language), ha="center", va="center", color=QUIET, fontsize=8)
            continue
        axes.plot([low, high], [at, at], color=MARK, linewidth=2, solid_capstyle="round", alpha=0.5)
        axes.plot([value["value"]], [at], "o", color=MARK, markersize=5)
    if whole is not None:
        axes.axvline(whole, color=SECOND, linewidth=1, linestyle=(0, (4, 3)), zorder=0)
    axes.set_yticks(range(len(lines)), [style.short(name) for name, _ in lines])
    axes.set_ylim(len(lines) - 0.4, -0.6)
    axes.set_xlim(-0.02, 1.02)
    axes.xaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0, decimals=0))
    axes.grid(axis="x", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)


def reliability(axes: Axes, style: Style, bins: Sequence[dict[str, Any]]) -> None:
    """Share of right answers against the score; on the diagonal a score means what it says."""
    axes.plot([0, 1], [0, 1], color=SECOND, linewidth=1, linestyle=(0, (4, 3)))
    filled = [b for b in bins if b["n"]]
    most = max((b["n"] for b in filled), default=1)
    for b in filled:
        centre = (b["from"] + b["to"]) / 2
        axes.bar(centre, b["n"] / most * 0.18, width=0.09, color=GRID, zorder=0)
        axes.plot([b["confidence"]] * 2, [b["lo"], b["hi"]], color=MARK, linewidth=2, alpha=0.5)
        axes.plot([b["confidence"]], [b["value"]], "o", color=MARK, markersize=5)
    _unit_square(axes, style, "score", "right_answers")


def coverage(axes: Axes, style: Style, uncertain: dict[str, Any]) -> None:
    """Share of right answers against the share of pictures that get one, for every least score."""
    known = [point for point in uncertain["curve"] if point["precision"]["value"] is not None]
    answered = [point["answered"]["value"] for point in known]
    precision = [point["precision"]["value"] for point in known]
    axes.plot(answered, precision, color=MARK, linewidth=2)
    bounds = [point["precision"]["interval"] for point in known]
    axes.fill_between(answered, [b[0] for b in bounds], [b[1] for b in bounds], color=MARK, alpha=0.15, linewidth=0)
    if uncertain["least_score"] is not None and uncertain["precision"]["value"] is not None:
        axes.plot(uncertain["answered"]["value"], uncertain["precision"]["value"], "D", color=SECOND, markersize=7)
    _unit_square(axes, style, "answered", "right_answers")
    axes.set_ylim(min([0.5, *(b[0] for b in bounds)]), 1.01)


def learning_curve(axes: Axes, style: Style, lines: Sequence[dict[str, Any]]) -> None:
    """Balanced accuracy against the pictures per class."""
    across = [line["per_class"] for line in lines]
    values = [line["balanced_accuracy"] for line in lines]
    bounds = [value["interval"] or (value["value"], value["value"]) for value in values]
    axes.fill_between(across, [b[0] for b in bounds], [b[1] for b in bounds], color=MARK, alpha=0.15, linewidth=0)
    axes.plot(across, [value["value"] for value in values], "o-", color=MARK, linewidth=2, markersize=5)
    axes.set_xscale("log")
    axes.set_xticks(across, [str(number) for number in across])
    axes.minorticks_off()
    axes.set_ylim(0, 1.01)
    axes.yaxis.set_major_formatter(mpl.ticker.PercentFormatter(1.0, decimals=0))
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_xlabel(text("per_class", style.language), color=QUIET, fontsize=9)
    axes.set_ylabel(text("balanced_accuracy", style.language), color=QUIET, fontsize=9)


def _unit_square(axes: Axes, style: Style, across: str, up: str) -> None:
    axes.set_xlim(0, 1.01)
    axes.set_ylim(0, 1.01)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(mpl.ticker.PercentFormatter(1.0, decimals=0))
    axes.grid(color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.set_xlabel(text(across, style.language), color=QUIET, fontsize=9)
    axes.set_ylabel(text(up, style.language), color=QUIET, fontsize=9)
