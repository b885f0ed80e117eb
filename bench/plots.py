"""The plots of the benches, drawn without a screen."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

Line = tuple[Sequence[float], Sequence[float]]
"""x and y, of the same length."""

COLOURS = ("#0b7285", "#c92a2a")
DELAY_TICKS_MS = (50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)


def plot_delays(path: Path, lines: Mapping[str, Line]) -> None:
    """Draw delay (ms, logarithmic) over time (s), one line for each server."""
    figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
    for (name, (at_s, delay_ms)), colour in zip(lines.items(), COLOURS, strict=False):
        axes.plot(at_s, delay_ms, label=name, color=colour, linewidth=1.4)
    _delay_axis(axes)
    axes.set_xlabel("seconds since the first frame")
    axes.legend(frameon=False)
    _save(figure, path)


def plot_soak(path: Path, minutes: Sequence[float], p95_ms: Sequence[float], memory_mb: Sequence[float]) -> None:
    """Draw delay and memory over minutes, one above the other."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(8, 5), sharex=True, layout="constrained")
    above.plot(minutes, p95_ms, color=COLOURS[0], marker=".")
    above.set_ylabel("round trip, p95, ms")
    below.plot(minutes, memory_mb, color=COLOURS[0], marker=".")
    below.set_ylabel("resident memory, MB")
    below.set_xlabel("minutes")
    for axes, values in ((above, p95_ms), (below, memory_mb)):
        axes.set_ylim(0, 1.2 * max(values))
        _plain(axes)
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
