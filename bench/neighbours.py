"""Whether other programs took processor time while a bench ran: then its figures say little."""

import os
import resource
import time
from pathlib import Path

IDLE_FIELDS = (3, 4)
"""Of the first line of /proc/stat: idle and waiting for a disk. See proc_stat(5)."""

COUNTED_FIELDS = 8
"""The rest, a guest's time, is in the first two already."""


class Neighbours:
    """Counts from when it is made."""

    def __init__(self) -> None:
        self._began_s = time.monotonic()
        self._others_s = _busy_s() - _own_s()

    def share(self) -> float:
        """Return the part of the machine's processors, 0..1, that neither this process nor its ended children used."""
        capacity_s = (time.monotonic() - self._began_s) * (os.cpu_count() or 1)
        return max(0.0, _busy_s() - _own_s() - self._others_s) / capacity_s


def _busy_s() -> float:
    fields = [int(field) for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:][:COUNTED_FIELDS]]
    return sum(ticks for place, ticks in enumerate(fields) if place not in IDLE_FIELDS) / os.sysconf("SC_CLK_TCK")


def _own_s() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)
