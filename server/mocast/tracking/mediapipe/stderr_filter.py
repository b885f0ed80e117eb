"""A filter of standard error that drops what MediaPipe's native libraries write there while a graph is built.

They are messages about XNNPACK, an uninitialised logger and disabled features, which no variable or flag of the wheel
turns off. The filter redirects the whole process's standard error, so it must not be on while frames are tracked: what
other threads write meanwhile comes late, and is lost where the process dies.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

STDERR = 2

NOISE = (
    b"Created TensorFlow Lite XNNPACK delegate",
    b"All log messages before absl::InitializeLog()",
    b"inference_feedback_manager.cc",
    b"landmark_projection_calculator.cc",
)
"""Lines that contain one of these are dropped."""

_redirecting = Lock()  # there is one standard error


@contextmanager
def filtered_stderr() -> Iterator[None]:
    """Buffer what is written to standard error while the context lasts; then write all of it but ``NOISE``."""
    with _redirecting, ExitStack() as files:
        try:
            held = files.enter_context(_memory())
            outside = os.dup(STDERR)
        except OSError:  # no memory file, or no standard error: nothing is filtered
            yield
            return
        os.dup2(held.fileno(), STDERR)
        try:
            yield
        finally:
            os.dup2(outside, STDERR)
            held.seek(0)
            for line in held:
                if not any(noise in line for noise in NOISE):
                    os.write(outside, line)
            os.close(outside)


def _memory() -> IO[bytes]:
    """Return a temporary file; on Linux one in memory, as a container may have no folder to write to."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("mocast-stderr"), "w+b")
    return TemporaryFile()
