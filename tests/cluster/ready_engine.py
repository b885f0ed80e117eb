"""Trackers that are there at once, and jobs that track nothing, in place of the engine's.

Importing this has the process use them.

What is real in these tests is everything else: processes, HTTP, WebRTC, Redis.
"""

import sys
from functools import partial

from mocast import composition
from mocast.jobs import job_worker
from mocast.jobs.job_worker import WorkerOptions
from tests import stand_in_worker
from tests.integration.http_server import FakePool


class ReadyPool(FakePool):
    """Trackers that are there at once."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()
        self.may_warm.set()


composition.TrackerPool = ReadyPool  # type: ignore[misc,assignment]
composition.WorkerOptions = partial(  # type: ignore[misc,assignment]
    WorkerOptions, command=(sys.executable, stand_in_worker.__file__)
)

job_worker.CONFINED = (sys.executable, "-c", stand_in_worker.PROMPT)  # type: ignore[misc]
