"""Times programs against each other on the same frames, in turns.

The speed of a shared machine drifts, and a program that takes turns frame by frame with another finds the processor's
caches full of the other's numbers. So each runs a block of frames, then the next one runs the same block, and who is
first changes from block to block. The first block of each is left out: it finds the person and touches all memory for
the first time.
"""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import Frame

BLOCK = 16
"""Frames. Even, as a tracker may do some of its work every second frame or every fourth only."""

LEAST_FRAMES = 2 * BLOCK
"""For one block that counts."""


def as_it_is(_frame: Frame, result: Any) -> Any:
    return result


@dataclass(frozen=True, slots=True)
class Program:
    """What is timed."""

    process: Callable[[Frame], Any]
    "This."
    read: Callable[[Frame, Any], Any] = as_it_is
    "Makes what is kept of it, after the block and not timed."


@dataclass(frozen=True, slots=True)
class Spent:
    """The time that one program took for each frame, in the order of the frames."""

    clock_ms: NDArray[np.float64]
    "(frames,)"
    processor_ms: NDArray[np.float64]
    "(frames,), of all threads of the process together."
    block: int = BLOCK

    def counted(self) -> NDArray[np.float64]:
        """Return the times on the clock of the frames that count."""
        return self.clock_ms[self.block :]

    def blocks(self, times_ms: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the mean time of a frame in each whole block that counts, (blocks,)."""
        count = len(times_ms) // self.block
        return times_ms[: count * self.block].reshape(count, self.block).mean(axis=1)[1:]

    @property
    def ms(self) -> float:
        """Milliseconds on the clock for a frame: the median of the blocks, each block the mean of its frames.

        A plain median of frames would leave out what a program does on every third frame only.
        """
        return median(self.blocks(self.clock_ms))

    @property
    def processor_ms_per_frame(self) -> float:
        """The same of processor time."""
        return median(self.blocks(self.processor_ms))


def speedup(reference: Spent, other: Spent) -> float:
    """Return how many times as fast the other one is: the median of the blocks' ratios, on the clock."""
    return median(reference.blocks(reference.clock_ms) / other.blocks(other.clock_ms))


def processor_speedup(reference: Spent, other: Spent) -> float:
    """Return the same by processor time, which says what work there is, also where others use the machine."""
    return median(reference.blocks(reference.processor_ms) / other.blocks(other.processor_ms))


def median(values: NDArray[np.float64]) -> float:
    """Return the median; NaN where there is nothing."""
    return float(np.median(values)) if values.size else float("nan")


@dataclass(frozen=True, slots=True)
class Runs:
    """What came of it, by the programs' names."""

    results: dict[str, list[Any]]
    spent: dict[str, Spent]


def run(programs: Mapping[str, Program], frames: Iterable[Frame], block: int = BLOCK) -> Runs:
    """Run all programs on all frames. Frames are asked for a block at a time, so that a clip may be long.

    Ends the program where there are not enough frames for a block that counts.
    """
    results: dict[str, list[Any]] = {name: [] for name in programs}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in programs}
    for number, part in enumerate(in_blocks(frames, block)):
        for name in list(programs)[:: -1 if number % 2 else 1]:
            program, unread = programs[name], []
            for frame in part:
                clock_s, processor_s = time.perf_counter(), time.process_time()
                result = program.process(frame)
                times[name].append((time.perf_counter() - clock_s, time.process_time() - processor_s))
                unread.append(result)
            results[name] += map(program.read, part, unread)
    count = max(map(len, results.values()))
    if count < 2 * block:
        raise SystemExit(f"{count} frames are too few to measure: {2 * block} is the least")
    spent = {name: Spent(*(1e3 * np.array(values)).T, block) for name, values in times.items()}
    return Runs(results, spent)


def count_of_frames(text: str) -> int:
    """Return the value of a flag ``--frames``. Raises ``ArgumentTypeError`` where these are too few to measure."""
    if (count := int(text)) < LEAST_FRAMES:
        raise argparse.ArgumentTypeError(f"{count} frames are too few: {LEAST_FRAMES} is the least")
    return count


def in_blocks(frames: Iterable[Frame], block: int) -> Iterator[list[Frame]]:
    """Yield the frames in lists of ``block``; the last one may be shorter."""
    left = iter(frames)
    while part := list(islice(left, block)):
        yield part
