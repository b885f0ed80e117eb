"""A look at the rig, from the loop: that there is one."""

import asyncio

from mocast.model.rig import Rig


class Glimpse:
    """A sink that wants rigs and keeps none; ``first`` is done when one has come."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.first: asyncio.Future[None] = self._loop.create_future()

    def send(self, rig: Rig) -> None:
        """Called on the room's thread."""
        if not self.first.done() and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._tell)

    def close(self) -> None:
        """There is nothing to close."""

    def _tell(self) -> None:
        if not self.first.done():
            self.first.set_result(None)
