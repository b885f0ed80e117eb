"""The plots of the benches, drawn without a screen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

Line = tuple[Sequence[float], Sequence[float]]
"""x and y, of the same length."""

LoadLine = tuple[Sequence[float], Sequence[float], Sequence[float]]
"""Frames per second that come in, delay in ms and the part of the frames that is tracked, 0..1."""

COLOURS = ("#0b7285", "#c92a2a")
QUALITY_COLOURS = {"exact": "#2b8a3e", "balanced": "#0b7285", "fast": "#e67700"}
OTHER_COLOUR = "#868e96"
"""What is not ours."""

SMALLEST_ERROR = 0.01
"""Percent; where the axis begins."""

DELAY_TICKS_MS = (10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)


def plot_delays(path: Path, lines: Mapping[str, Line]) -> None:
    """Draw delay (ms, logarithmic) over time (s), one line for each server."""
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for (name, (at_s, delay_ms)), colour in zip(lines.items(), COLOURS, strict=False):
        axes.plot(at_s, delay_ms, label=name, color=colour, linewidth=1.4)
    _delay_axis(axes)
    axes.set_xlabel("seconds since the first frame")
    axes.legend(frameon=False)
    _save(figure, path)


def plot_soak(path: Path, minutes: Sequence[float], panels: Mapping[str, Sequence[float]]) -> None:
    """Draw values over minutes, one panel for each name, one above the other."""
    figure, rows = plt.subplots(
        len(panels), 1, figsize=(8, 2.2 * len(panels)), sharex=True, layout="constrained", squeeze=False
    )
    for axes, (name, values) in zip(rows[:, 0], panels.items(), strict=True):
        axes.plot(minutes, values, color=COLOURS[0], marker=".")
        axes.set_ylabel(name)
        axes.set_ylim(0, 1.2 * max(values))
        _plain(axes)
    rows[-1, 0].set_xlabel("minutes")
    _save(figure, path)


def plot_repetitions(
    path: Path, course: Line, thresholds: Mapping[str, float], counted: Mapping[float, int], unit: str
) -> None:
    """Draw a measure over time (s), with the thresholds of its exercise and the counts at the times they were told."""
    figure, axes = plt.subplots(figsize=(8, 3.2), layout="constrained")
    axes.plot(*course, color=COLOURS[0], linewidth=1.2)
    for name, value in thresholds.items():
        axes.axhline(value, color=OTHER_COLOUR, linewidth=0.8, linestyle="--")
        axes.annotate(name, (0.995, value), xycoords=("axes fraction", "data"), ha="right", va="bottom", fontsize=8)
    for at_s, count in counted.items():
        axes.axvline(at_s, color=COLOURS[1], linewidth=0.8)
        axes.annotate(f"{count}", (at_s, 1.01), xycoords=("data", "axes fraction"), ha="center", color=COLOURS[1])
    axes.set_xlabel("seconds")
    axes.set_ylabel(unit)
    _plain(axes)
    _save(figure, path)


def plot_errors(path: Path, panels: Mapping[str, Mapping[str, Sequence[float]]], percents: Sequence[float]) -> None:
    """Draw which share of landmarks is no further off than x, a panel for each part and a line for each name.

    ``panels``: part → name → the errors, in percent of the part's size, at ``percents`` of its landmarks.
    """
    figure, row = plt.subplots(1, len(panels), figsize=(4 * len(panels), 3.8), sharey=True, layout="constrained")
    for axes, (part, lines) in zip(np.atleast_1d(row), panels.items(), strict=True):
        for name, errors in lines.items():
            colour = QUALITY_COLOURS.get(name, OTHER_COLOUR)
            style = "-" if name in QUALITY_COLOURS else "--"
            axes.plot(np.maximum(errors, SMALLEST_ERROR), percents, style, label=name, color=colour, linewidth=1.4)
        axes.set_xscale("log")
        axes.set_xlim(left=SMALLEST_ERROR)
        axes.xaxis.set_major_formatter(FuncFormatter(lambda percent, _: f"{percent:g}"))
        axes.set_xlabel(f"{part}, %")
        _plain(axes)
    first = np.atleast_1d(row)[0]
    first.set_ylabel("landmarks within it, %")
    first.legend(frameon=False)
    _save(figure, path)


def plot_load(path: Path, panels: Mapping[str, Mapping[str, LoadLine]]) -> None:
    """Draw delay (ms, logarithmic) and what part of the frames is tracked, over the frames per second that come in."""
    figure, rows = plt.subplots(
        2, len(panels), figsize=(4.5 * len(panels), 6), sharex=True, sharey="row", squeeze=False, layout="constrained"
    )
    for (above, below), (title, lines) in zip(rows.T, panels.items(), strict=True):
        for name, (fps, delay_ms, tracked) in lines.items():
            colour = QUALITY_COLOURS.get(name, OTHER_COLOUR)
            for axes, values in ((above, delay_ms), (below, tracked)):
                axes.plot(fps, values, label=name, color=colour, linewidth=1.4, marker=".")
        above.set_title(title, fontsize="medium")
        _delay_axis(above)
        above.set_ylabel("")
        below.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g} %"))
        below.set_ylim(0, 1.05)
        below.set_xlabel("frames per second that come in")
        _plain(below)
    rows[0, 0].set_ylabel("from frame to landmarks, p95")
    rows[0, 0].legend(frameon=False)
    rows[1, 0].set_ylabel("frames that are tracked")
    _save(figure, path)


def _delay_axis(axes: Any) -> None:
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(DELAY_TICKS_MS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda ms, _: f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"))
    axes.set_ylabel("round trip")
    _plain(axes)


def _plain(axes: Any) -> None:
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)


def _save(figure: Any, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=110)
    plt.close(figure)
