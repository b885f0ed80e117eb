"""Runs a program beside live rooms: ``python -m mocast.jobs.confined MEMORY_BYTES FILE_BYTES PARENT PROGRAM ...``.

It sets limits on its own process and then becomes the program. Done here and not between fork and exec, where a server
with threads can do nothing safely.
"""

import contextlib
import ctypes
import os
import signal
import sys

from mocast.memory import let_go_first

PR_SET_PDEATHSIG = 1
"""prctl(2): the signal that comes when the parent ends."""


def main(words: list[str]) -> None:
    """Confine this process and become the program."""
    memory_bytes, file_bytes, parent = map(int, words[:3])
    # Not a session: with autogroups (sched(7)) that would be a group of its own, in which alone its priority counts.
    os.setpgid(0, 0)
    yield_processor()
    let_go_first()
    limit(memory_bytes, file_bytes)
    end_with(parent)
    os.execv(words[3], words[3:])


def yield_processor() -> None:
    """Run only where nothing else wants to: by SCHED_IDLE, which children inherit; else with the lowest priority."""
    os.nice(19)
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def limit(memory_bytes: int, file_bytes: int) -> None:
    """Bound the memory that can be written, the size of any file and, to none, core dumps. Children inherit it."""
    import resource  # noqa: PLC0415 (not on Windows)

    bounds = {resource.RLIMIT_DATA: memory_bytes, resource.RLIMIT_FSIZE: file_bytes, resource.RLIMIT_CORE: 0}
    for what, most in bounds.items():
        _, hard = resource.getrlimit(what)
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(what, (allowed, allowed))


def end_with(parent: int) -> None:
    """Have the kernel end this process when the parent ends, whatever way. On Linux alone."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended before that
        os._exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
