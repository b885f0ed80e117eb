"""Trackers that are there at once, in place of the engine's: importing this has the process use them.

What is real in these tests is everything else: processes, HTTP, WebRTC, Redis.
"""

from mocast import composition
from tests.integration.http_server import FakePool


class ReadyPool(FakePool):
    """Trackers that are there at once."""

    def __init__(self, *_: object, **__: object) -> None:
        super().__init__()
        self.may_warm.set()


composition.TrackerPool = ReadyPool  # type: ignore[misc,assignment]
