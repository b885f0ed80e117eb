"""What workers need, imported once by the process that they are forked from; nothing else may import this.

That process ends with the command that started it, and workers with that one: while a worker lives, Python's own fork
server would, too, which a worker that hangs, or is stopped, never ended.
"""

import contextlib
import os

import mocast.jobs.segment_work
from mocast.jobs.confined import end_with

with contextlib.suppress(ImportError):  # not installed: another engine tracks
    import mocast.tracking.openvino.engine  # noqa: F401

end_with(os.getppid())
