"""The server's inputs, which the operator sets; a room is leased as long as it has one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

import structlog

from mocast.inputs.input_options import INPUT_SOURCES, OperatorInput
from mocast.inputs.udp_input import Take, UdpInput
from mocast.model.mixed_parts import SourceName

log = structlog.get_logger(__name__)


class MixingRoom(Protocol):
    """A room, as far as sources feed it."""

    def feed(self, source: SourceName) -> AbstractContextManager[Take]:
        """Yield what takes a source's poses, from any thread."""


LeaseRoom = Callable[[str], AbstractContextManager[MixingRoom]]
"""Keeps a room, made where it is missing, until the context ends."""


class Inputs:
    """Owns every input of the server. Used on the event loop."""

    def __init__(self, lease: LeaseRoom, fixed: Sequence[OperatorInput] = ()) -> None:
        self._lease = lease
        self._fixed = fixed
        self.running_inputs: tuple[UdpInput, ...] = ()

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Listen, as a context of an app's life. Raises ``OSError`` where a port is taken."""
        with contextlib.ExitStack() as stack:
            for fixed in self._fixed:
                room = stack.enter_context(self._lease(fixed.room))
                take = stack.enter_context(room.feed(INPUT_SOURCES[fixed.options.kind]))
                listening = UdpInput(fixed.options, take)
                stack.callback(listening.close)
                log.info("input listens", kind=fixed.options.kind, port=listening.open())
                listening.start()
                self.running_inputs = (*self.running_inputs, listening)
            yield
            ending, self.running_inputs = self.running_inputs, ()
            await asyncio.gather(*(asyncio.to_thread(one.close) for one in ending))
