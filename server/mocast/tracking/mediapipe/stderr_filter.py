"""Keeps MediaPipe's chatter out of the log.

Its native libraries write to the process's standard error what no variable or flag of the wheel can turn off: that
XNNPACK was created, that a logger was not initialised, that a feature which nobody asked for is disabled. They do so
while a graph is built and when it has its first results.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from tempfile import TemporaryFile
from threading import Lock
from typing import IO

STDERR = 2

CHATTER = (
    b"Created TensorFlow Lite XNNPACK delegate",
    b"All log messages before absl::InitializeLog()",
    b"inference_feedback_manager.cc",
    b"landmark_projection_calculator.cc",
)
"""What a line that says nothing has in it."""

_listening = Lock()  # there is one standard error


@contextmanager
def quiet() -> Iterator[None]:
    """Hold back what is written to standard error meanwhile, then let through all that is not chatter."""
    with _listening, ExitStack() as files:
        try:
            heard = files.enter_context(_memory())
            outside = os.dup(STDERR)
        except OSError:  # nowhere to keep it, or nobody who would hear: then it may talk
            yield
            return
        os.dup2(heard.fileno(), STDERR)
        try:
            yield
        finally:
            os.dup2(outside, STDERR)
            heard.seek(0)
            for line in heard:
                if not any(chatter in line for chatter in CHATTER):
                    os.write(outside, line)
            os.close(outside)


def _memory() -> IO[bytes]:
    """Return a file for a few lines; on Linux no folder is needed for it, which a container may not have."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("mocast-quiet"), "w+b")
    return TemporaryFile()
