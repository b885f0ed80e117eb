"""What workers need, imported once by the fork server, the process that they are forked from.

Nothing else may import this module, as it has the kernel end the process when its parent ends. So the fork server
ends with the command that started it, and workers end with the fork server. Else the fork server would wait until all
its workers have ended, and one that hangs or is stopped never does.
"""

import contextlib
import os

import mocast.jobs.segment_work
from mocast.jobs.confined import end_with
from mocast.memory import keep_what_is
from mocast.tracking.openvino_import import leave_out_converter

leave_out_converter()
with contextlib.suppress(ImportError):  # not installed: another engine tracks
    import mocast.tracking.openvino.engine  # noqa: F401

keep_what_is()  # a collection would write to, and so copy, the memory that workers share with this process
end_with(os.getppid())
