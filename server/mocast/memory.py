"""Settings of memory: of the C library's allocator, Python's garbage collector, and the kernel where it runs out."""

import contextlib
import ctypes
import gc
import platform
import sys
from pathlib import Path
from typing import Final

M_TRIM_THRESHOLD: Final = -1  # malloc.h
M_MMAP_THRESHOLD: Final = -3
M_ARENA_MAX: Final = -8
LARGE_BYTES: Final = 8 * 2**20
"""Larger than the blocks that live video keeps allocating (1920x1080 in RGB is 6 MB), smaller than a large still
picture."""

ARENAS_A_CORE: Final = 2
"""Of a server. With one, four sessions on two cores wait for each other, and 5 % fewer frames are tracked; with two, as
many as with glibc's eight, for 30 MB less (measured)."""


FIRST_TO_GO: Final = 1000
"""``oom_score_adj`` (proc(5))."""


def let_go_first(pid: int | str = "self") -> None:
    """Have the kernel end a process before the server where memory runs out in the container. On Linux alone."""
    with contextlib.suppress(OSError):
        Path(f"/proc/{pid}/oom_score_adj").write_text(str(FIRST_TO_GO))


def return_large_blocks() -> bool:
    """Let large blocks go back to the system as soon as they are free; return whether that could be set.

    glibc raises its threshold for them, up to 32 MB, whenever one is freed, and then keeps what is below. A server that
    has seen a few large pictures would hold that for as long as it lives. Once set, the threshold no longer changes.
    The trim threshold is set to twice as much, glibc's own ratio, so that frames of live video are not given back each
    time. Other C libraries do not raise theirs.
    """
    if not _is_glibc():
        return False
    mallopt = ctypes.CDLL(None).mallopt
    return bool(mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)) and bool(mallopt(M_TRIM_THRESHOLD, 2 * LARGE_BYTES))


def share_arenas(arenas: int) -> bool:
    """Have all threads allocate from ``arenas`` arenas; return whether that could be set. Call it before threads start.

    glibc makes eight for each core, and each of them keeps the largest blocks that its threads ever needed.
    """
    return _is_glibc() and bool(ctypes.CDLL(None).mallopt(M_ARENA_MAX, arenas))


def return_free() -> bool:
    """Give back what is free now, in blocks of any size; return whether something was. Takes milliseconds."""
    return _is_glibc() and bool(ctypes.CDLL(None).malloc_trim(0))


def keep_what_is() -> None:
    """Leave what there is now out of later collections: modules, networks, settings. For the process's owner.

    A full collection goes through all that Python has made, and holds every thread meanwhile.
    """
    gc.collect()
    gc.freeze()


def _is_glibc() -> bool:
    return sys.platform == "linux" and platform.libc_ver()[0] == "glibc"
