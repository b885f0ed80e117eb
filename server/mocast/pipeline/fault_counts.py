"""Counters of parts that failed, over all rooms: what a room counts itself would be lost with it."""

import threading
from collections import Counter
from typing import Final, Literal

Fault = Literal["decoders_failed", "encoders_failed", "sinks_failed", "sinks_removed"]

FAULT_HELP: Final[dict[Fault, str]] = {
    "decoders_failed": "Times that a video decoder failed and was opened anew",
    "encoders_failed": "Pictures that could not be encoded, after each of which the encoder was opened anew",
    "sinks_failed": "Items that a sink (broadcast, output, recording) failed on",
    "sinks_removed": "Sinks that were taken out, as they failed on one item after another",
}


class FaultCounts:
    """Counters by the name of the fault. From any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[Fault] = Counter()

    def count(self, fault: Fault) -> None:
        """Count one."""
        with self._lock:
            self._counts[fault] += 1

    def __getitem__(self, fault: Fault) -> int:
        return self._counts[fault]
