"""The kind of processor on which rewrites of graphs and choices of kernels were measured."""

import platform


def is_x86(machine: str = "") -> bool:
    """Return whether this machine, or one of that name, has a processor of the kind that was measured."""
    return (machine or platform.machine()) in {"x86_64", "AMD64"}
