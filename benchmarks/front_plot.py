"""The plot of `benchmarks.front`: a line per backbone, a mark per size, and the front as a broad line behind them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

MARKS = "osD^vP"
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def draw(result: Mapping[str, dict[str, Any]], chosen: Sequence[str], path: Path) -> None:
    """Measured points by name, and the names of those on the front -> PNG."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt
    from matplotlib.ticker import NullFormatter, ScalarFormatter

    figure, axes = plt.subplots(figsize=(8, 5), layout="constrained")
    broad = [_place(result[name]) for name in chosen]
    axes.plot(*zip(*broad, strict=True), color="#BBBBBB", linewidth=8, solid_capstyle="round", label="front")
    for number, backbone in enumerate(dict.fromkeys(r["backbone"] for r in result.values())):
        mine = sorted((r for r in result.values() if r["backbone"] == backbone), key=lambda r: r["size"])
        colour, mark = COLOURS[number % len(COLOURS)], MARKS[number % len(MARKS)]
        x, y = zip(*map(_place, mine), strict=True)
        reach = np.abs(100 * np.array([r["balanced_accuracy"]["interval"] for r in mine]).T - np.array(y))
        axes.errorbar(x, y, yerr=reach, fmt=f"{mark}-", color=colour, elinewidth=0.8, capsize=3, label=backbone)
        for r, place in zip(mine, zip(x, y, strict=True), strict=True):
            axes.annotate(str(r["size"]), place, textcoords="offset points", xytext=(6, 6), color=colour)
    axes.set(xscale="log", xlabel="milliseconds for the crops of one frame", ylabel="balanced accuracy in an unseen room, %")
    axes.xaxis.set_major_formatter(ScalarFormatter())
    left, right = (end(r["ms"]["median"] for r in result.values()) for end in (min, max))
    axes.xaxis.set_minor_formatter(ScalarFormatter() if right < 10 * left else NullFormatter())
    axes.margins(x=0.08)
    axes.grid(alpha=0.3, which="both")
    axes.legend(loc="best")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)


def _place(point: Mapping[str, Any]) -> tuple[float, float]:
    return point["ms"]["median"], 100 * point["balanced_accuracy"]["value"]
