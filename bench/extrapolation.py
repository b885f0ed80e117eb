"""How near and how smooth extrapolated landmarks are: ``python -m bench.extrapolation [--precision f32]``.

On generated motion, a person who sways and waves at several speeds, the qualities that skip frames are compared with
``exact``: errors, and stutter (the length of the second difference, see ``bench.errors``) beside that of ``exact``, in
pixels, as 95th percentiles. With ``--precision auto`` the figures depend on what is faster on this machine. The last
line is JSON.
"""

import argparse
import json
from collections.abc import Sequence
from typing import get_args

import numpy as np

from bench.engines import load
from bench.errors import HANDS, Part, errors, stutter
from bench.motion import waving
from bench.pinned import pin
from bench.report import table
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import Quality
from mocast.model.tracked import Tracked
from mocast.tracking.engines import FAST, Engine, PrecisionSetting

SPEEDS = (0.25, 0.5, 1.0)
"""Of the motion, 1 as fast as people sign."""
SKIPPING: tuple[Quality, ...] = ("balanced", "fast")
GROUPS: dict[str, tuple[Part, ...]] = {"pose": ("pose",), "face": ("face",), "hands": HANDS}
SETTLED = 5
"""Frames after which the hands are found."""
TICKS = 3_600
"""Of the 90 kHz clock from one frame to the next: 25 per second."""

Row = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--frames", type=int, default=90, help="for each speed (default: %(default)s)")
    parser.add_argument("--precision", choices=get_args(PrecisionSetting), default="f32", help="default: %(default)s")
    arguments = parser.parse_args()
    pin(1)
    engine = load(FAST, threads=1, precision=arguments.precision)[1]
    rows = {
        f"{quality}, speed {speed}": row
        for speed in SPEEDS
        for quality, row in measured(engine, speed, arguments.frames)
    }
    engine.close()
    head = [f"{group}: {figure}" for group in GROUPS for figure in ("error", "stutter", "exact's")]
    print(table(["", *head], [[name, *row.values()] for name, row in rows.items()]))
    print(json.dumps({"extrapolation": rows, "precision": arguments.precision}))


def measured(engine: Engine, speed: float, count: int) -> Sequence[tuple[Quality, Row]]:
    """Return the figures of each quality that skips frames."""
    pictures = list(waving(count, speed))
    reference = tracked(engine, "exact", pictures)
    return [(quality, compared(tracked(engine, quality, pictures), reference)) for quality in SKIPPING]


def tracked(engine: Engine, quality: Quality, pictures: Sequence[RgbImage]) -> list[Tracked]:
    tracker = engine.build("holistic", quality, still=False)
    found = [tracker.track(Frame(number, number * TICKS, 0, rgb)) for number, rgb in enumerate(pictures)]
    tracker.close()
    return found[SETTLED:]


def compared(found: Sequence[Tracked], reference: Sequence[Tracked]) -> Row:
    row: Row = {}
    for group, parts in GROUPS.items():
        jumps = stutter(found, reference, *parts)
        row[f"{group}_p95_px"] = p95(errors(found, reference, *parts).px)
        row[f"{group}_stutter_px"] = p95(jumps.ours_px)
        row[f"{group}_stutter_of_exact_px"] = p95(jumps.reference_px)
    return row


def p95(numbers: np.ndarray) -> float:
    return round(float(np.percentile(numbers, 95)), 2)


if __name__ == "__main__":
    main()
