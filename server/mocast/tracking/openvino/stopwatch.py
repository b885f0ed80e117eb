"""Says where a frame's time goes, for those who ask."""

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Stopwatch:
    """Adds up the time that is spent in stages. Used from one thread at a time."""

    def __init__(self) -> None:
        self.spent_s: defaultdict[str, float] = defaultdict(float)
        "Stage → seconds on the clock, in all frames so far."
        self.runs: defaultdict[str, int] = defaultdict(int)
        "Stage → how often."

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count what happens within the context for the stage of that name."""
        began_s = time.perf_counter()
        try:
            yield
        finally:
            self.spent_s[name] += time.perf_counter() - began_s
            self.runs[name] += 1
