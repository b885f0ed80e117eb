"""Sends rigs or landmarks as UDP packets, from a thread of their own, so that a slow network never blocks the room."""

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

from mocast.errors import Forbidden
from mocast.model.mirror import mirrored
from mocast.model.rig import Found, Rig
from mocast.model.tracked import Tracked
from mocast.outputs.destination import Destination
from mocast.outputs.status import OutputState, OutputStatus, StatusRecorder
from mocast.outputs.triggers import Triggers
from mocast.pipeline.failure_log import FailureLog
from mocast.pipeline.fanout import MAX_FAILURES_IN_A_ROW
from mocast.pipeline.protocols import Sink
from mocast.pipeline.slot import LatestSlot

RETRY_AFTER_S = 1.0
"""Delay before a host that could not be resolved or reached is tried again."""
ERROR_STANDS_S = 3.0
"""How long an error is the state though packets leave: another machine tells of its closed port once a second (Linux,
``icmp_ratelimit``)."""
LOST_AFTER_S = 1.0
"""After this long without a rig, as when the publisher has left, the app is told that nothing is tracked."""
JOIN_S = 2.0
"""How long closing waits for the thread: a pending name resolution may take longer and is abandoned."""

GAVE_UP = f"it failed {MAX_FAILURES_IN_A_ROW} times in a row; the server's log says why"


T = TypeVar("T")

Packets = Sequence[bytes | memoryview]


class PacketEncoder(Protocol):
    """Writes one app's packets. Used from one thread."""

    def encode(self, rig: Rig) -> Packets:
        """Return the rig's packets, in order; they are valid until the next call."""


class UdpSender(Generic[T]):
    """Sends the newest item from its thread; one that is replaced before it was sent is dropped and counted."""

    def __init__(
        self,
        destination: Destination,
        encode: Callable[[T], Packets],
        recorder: StatusRecorder,
        lost: Callable[[T], T] | None = None,
    ) -> None:
        """``encode``: called on the thread; its packets are valid until the next call. ``lost``: what is sent once when
        no item came for ``LOST_AFTER_S`` after this one; nothing where it is ``None``."""
        self._destination = destination
        self._encode = encode
        self._recorder = recorder
        self._lost = lost
        self._items: LatestSlot[T] = LatestSlot()
        self._socket: socket.socket | None = None
        self._retry_at = self._failed_at = float("-inf")
        self._loop = asyncio.get_running_loop()
        self._ended = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="mocast-output", daemon=True)

    @property
    def status(self) -> OutputStatus:
        """The status now."""
        return self._recorder.status

    def start(self) -> None:
        """Begin to send."""
        self._thread.start()

    def send(self, item: T) -> None:
        """Leave an item to the thread; never blocks."""
        if self._items.put(item):
            self._recorder.dropped()

    def close(self) -> None:
        """Send nothing more; does not wait."""
        self._items.close()

    async def wait_closed(self) -> None:
        """Wait, once closed, until the thread has ended."""
        if self._thread.ident is None:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(JOIN_S):
                await self._ended.wait()
                self._thread.join()

    def _run(self) -> None:
        failures = FailureLog(__name__)
        in_a_row = 0
        try:
            for item in self._arriving():
                try:
                    self._deliver(item)
                    in_a_row = 0
                except Exception:
                    in_a_row += 1
                    self._recorder.count_error()
                    failures.exception("output failed", to=str(self._destination))
                    if in_a_row == MAX_FAILURES_IN_A_ROW:
                        break
        finally:
            self._disconnect()
            self._recorder.set_state("stopped", GAVE_UP if in_a_row else "")
            with contextlib.suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(self._ended.set)

    def _arriving(self) -> Iterator[T]:
        """Yield each item, and when they stop, what the last one becomes."""
        last: T | None = None
        while True:
            try:
                item = self._items.get(LOST_AFTER_S if last is not None else None)
            except TimeoutError:
                assert last is not None
                assert self._lost is not None
                yield self._lost(last)
                last = None
                continue
            if item is None:
                return
            yield item
            last = item if self._lost is not None else None

    def _deliver(self, item: T) -> None:
        """Send an item's packets. Errors are recorded in the status, and a later one is tried again."""
        if self._socket is None and time.monotonic() < self._retry_at:
            self._recorder.count_error()
            return
        try:
            refused = self._send_packets(self._connected(), self._encode(item))
        except Forbidden as error:
            self._disconnect()
            self._fail("not allowed", str(error))
        except OSError as error:
            self._disconnect()
            self._fail("unreachable", f"{self._destination}: {error.strerror or error}")
        else:
            if refused:
                self._fail("refused", f"nothing listens at {self._destination}; is the app's receiver on?")
            else:
                self._recorder.sent()
                if time.monotonic() - self._failed_at >= ERROR_STANDS_S:
                    self._recorder.set_state("sending")

    def _fail(self, state: OutputState, detail: str) -> None:
        self._failed_at = time.monotonic()
        self._recorder.add_error(state, detail)

    @staticmethod
    def _send_packets(link: socket.socket, packets: Packets) -> bool:
        """Send; return whether the port was reported as closed.

        Such an error (ICMP) is about earlier packets; the present one was not sent, so it is sent again.
        """
        refused = False
        for packet in packets:
            try:
                link.send(packet)
            except ConnectionError:
                refused = True
                with contextlib.suppress(ConnectionError):
                    link.send(packet)
        return refused

    def _connected(self) -> socket.socket:
        """The socket, connected so that it hears of refusals. Raises ``OSError`` and ``Forbidden``."""
        if self._socket is None:
            address = self._destination.resolve()
            link = socket.socket(address.family, socket.SOCK_DGRAM)
            try:
                link.connect(address.sockaddr)
            except OSError:
                link.close()
                raise
            self._socket = link
        return self._socket

    def _disconnect(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._retry_at = time.monotonic() + RETRY_AFTER_S


class UdpOutput(UdpSender[Rig]):
    """Sends rigs; when they stop, the last one again with nothing found, which tells apps of the loss."""

    landmarks: Sink[Tracked] | None = None
    "What takes landmarks, where the app gets them, too."

    def __init__(
        self,
        destination: Destination,
        encoder: PacketEncoder,
        recorder: StatusRecorder,
        *,
        mirror: bool = False,
        triggers: Triggers | None = None,
    ) -> None:
        self.triggers = triggers or Triggers((), lambda *_: None)

        def encode(rig: Rig) -> Packets:
            return encoder.encode(mirrored(rig) if mirror else rig)

        super().__init__(destination, encode, recorder, self._lose)

    def send(self, rig: Rig) -> None:
        """Leave a rig to the thread; never blocks."""
        self.triggers.see_rig(rig)
        super().send(rig)

    def _lose(self, last: Rig) -> Rig:
        self.triggers.end()
        return replace(last, found=Found(), head=None)
