"""What a bench found: figures beside their targets, tables, and files that say where and when they were measured."""

import argparse
import json
import os
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

OUT = Path(__file__).parent / "out"
REPOSITORY = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that was measured, and what it should be."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def is_met(self) -> bool:
        """Whether it is within its target; true where there is none."""
        return (self.at_most is None or self.value <= self.at_most) and (
            self.at_least is None or self.value >= self.at_least
        )

    @property
    def target(self) -> str:
        """The target in words."""
        parts = [("≤", self.at_most), ("≥", self.at_least)]
        return ", ".join(f"{sign} {bound:g} {self.unit}".rstrip() for sign, bound in parts if bound is not None)


def parser(description: str | None, *, seconds: float) -> argparse.ArgumentParser:
    """Return a parser with what all benches take."""
    made = argparse.ArgumentParser(description=description)
    made.add_argument("--clip", type=Path, help="a video of a person (default: the moving astronaut, without hands)")
    made.add_argument("--seconds", type=float, default=seconds, help="of each run (default: %(default)s)")
    made.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    return made


def save(folder: Path, name: str, figures: Sequence[Figure], text: str, data: Any) -> None:
    """Print a bench's text and write all that it found to ``name.json``."""
    print(text)
    folder.mkdir(parents=True, exist_ok=True)
    content = {"measured": circumstances(), "figures": [asdict(figure) for figure in figures], "data": data}
    (folder / f"{name}.json").write_text(json.dumps(content, indent=1) + "\n")


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a Markdown table."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def verdict_cells(figure: Figure) -> tuple[str, str, str, str]:
    """Return a figure as cells of a table: its name, what was measured, what it should be, whether it is."""
    verdict = ("met" if figure.is_met else "missed") if figure.target else ""
    digits = 1 if abs(figure.value) >= 10 else 2
    return figure.name, f"{round(figure.value, digits):g} {figure.unit}".rstrip(), figure.target, verdict


def percentiles(values: ArrayLike) -> tuple[float, float, float]:
    """Return the median, the 95th percentile and the maximum; NaN where there is nothing."""
    array = np.asarray(values, float)
    if not array.size:
        return (float("nan"),) * 3
    return float(np.median(array)), float(np.percentile(array, 95)), float(array.max())


def shown(values: ArrayLike) -> list[str]:
    """Return the median, the 95th percentile and the maximum as cells of a table."""
    return ["" if np.isnan(value) else f"{value:.0f}" for value in percentiles(values)]


def circumstances() -> dict[str, str]:
    """Return when, where and on what code this runs."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "commit": _git("describe", "--always", "--dirty", "--exclude=*") or "unknown",
    }


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown"


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=10, check=False)
    return done.stdout.strip()
