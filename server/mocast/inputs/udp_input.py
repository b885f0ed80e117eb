"""Reads one program's datagrams in a thread of its own, so that none of them holds the event loop."""

import contextlib
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module
from typing import Any, Final, Protocol, cast

import structlog

from mocast.inputs import ifacialmocap, meowface
from mocast.inputs.input_options import INPUT_PORTS, InputKind, InputOptions
from mocast.mixing.rig_source import restricted
from mocast.model.source_pose import SourcePose
from mocast.outputs.destination import is_inside
from mocast.pipeline.failure_log import FailureLog
from mocast.token_bucket import TokenBucket

log = structlog.get_logger(__name__)

PARSERS: Final[dict[InputKind, str]] = {
    "vmc": "mocast.inputs.vmc:VmcParser",
    "ifacialmocap": "mocast.inputs.ifacialmocap:IFacialMocapParser",
    "livelinkface": "mocast.inputs.live_link_face:LiveLinkFaceParser",
    "meowface": "mocast.inputs.meowface:MeowFaceParser",
}

RATE: Final = 1_500_000.0
"""Bytes a second that are read: three times what 60 frames of VMC have."""
BURST: Final = 300_000
LEAST_BYTES: Final = 64
"""What a shorter datagram counts as: an empty one takes time, too."""
WORK_SHARE: Final = 0.3
"""Of a core's time that an input takes: three times what 60 frames of VMC take. Bytes alone do not bound it, as the
smallest message that completes a pose costs as much as one that moves a bone."""
WORK_BURST_S: Final = 0.1
PAUSE_S: Final = 0.02
"""How long nothing is read above these rates: meanwhile the system drops what does not fit its buffer."""
BUFFER_BYTES: Final = 65_536
"""The system's, in which datagrams wait: a few frames. More would be delay."""
LARGEST_BYTES: Final = 65_536
BATCH: Final = 64
"""Datagrams that are read before anything else is looked at."""
ASK_EVERY_S: Final = 1.0
JOIN_S: Final = 2.0

Take = Callable[[SourcePose], None]
"""Called on the input's thread."""


class Parser(Protocol):
    """A reader of one program's datagrams; used from one thread."""

    def parse(self, data: bytes, now_s: float) -> SourcePose | None:
        """Return the pose that a datagram completes, or ``None``. Raises ``ValueError`` where it is broken."""


@dataclass(frozen=True, slots=True)
class InputStatus:
    """An input's counters at one moment."""

    datagrams: int = 0
    "That were read."
    poses: int = 0
    broken: int = 0
    "Datagrams that are none of the protocol."
    refused: int = 0
    "Datagrams of others than those who may send."
    paused: int = 0
    "How often more came than are read."
    detail: str = ""
    "What was wrong with the last broken datagram."


class UdpInput:
    """One input. ``open`` takes the port, ``start`` begins to read, ``close`` ends both."""

    def __init__(self, options: InputOptions, take: Take, clock: Callable[[], float] = time.monotonic) -> None:
        module, name = PARSERS[options.kind].split(":")
        self.options = options
        self._parser = cast(Callable[[], Parser], getattr(import_module(module), name))()
        self._take = take
        self._clock = clock
        self._bucket = TokenBucket(RATE, BURST, clock)
        self._work = TokenBucket(WORK_SHARE, WORK_BURST_S, clock)
        self._failures = FailureLog(__name__)
        self._socket: socket.socket | None = None
        self._wake, self._woken = socket.socketpair()
        self._thread = threading.Thread(target=self._run, name="mocast-input", daemon=True)
        self._is_closed = False
        self._asked_at_s = float("-inf")
        self.status = InputStatus()
        "Replaced on the input's thread, read on any."

    def open(self) -> int:
        """Take the port, and return it. Raises ``OSError``, its ``filename`` being the input, where it is taken or
        the address not this machine's."""
        options = self.options
        try:
            self._socket = _bound(options.host, options.port)
        except OSError as error:
            where = f"{options.kind}://{options.host}:{options.port}"
            raise OSError(error.errno, error.strerror or str(error), where) from error
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def close(self) -> None:
        """Read nothing more, and give the port back. Waits for the datagram that is being read."""
        self._is_closed = True
        with contextlib.suppress(OSError):
            self._wake.send(b"\0")
        if self._thread.ident is not None:
            self._thread.join(JOIN_S)
        for end in (self._socket, self._wake, self._woken):
            if end is not None:
                end.close()

    def _run(self) -> None:
        assert self._socket is not None
        with selectors.DefaultSelector() as selector:
            selector.register(self._woken, selectors.EVENT_READ)
            selector.register(self._socket, selectors.EVENT_READ)
            while not self._is_closed:
                self._ask()
                selector.select(ASK_EVERY_S if self.options.phone else None)
                if not self._is_closed and not self._read_some(self._socket):
                    self._woken.settimeout(PAUSE_S)
                    with contextlib.suppress(TimeoutError):
                        self._woken.recv(1)

    def _read_some(self, link: socket.socket) -> bool:
        """Read what waits; return whether it came within the rates."""
        for _ in range(BATCH):
            if self._work.level < 0:
                self.status = replace(self.status, paused=self.status.paused + 1)
                return False
            try:
                data, sender = link.recvfrom(LARGEST_BYTES)
            except BlockingIOError:
                return True
            except OSError:  # such as an ICMP message about what the phone was asked
                continue
            began_s = time.thread_time()
            self._read(data, sender)
            self._work.spend(time.thread_time() - began_s)
            if not self._bucket.take(max(len(data), LEAST_BYTES)):
                self.status = replace(self.status, paused=self.status.paused + 1)
                return False
        return True

    def _read(self, data: bytes, sender: tuple[Any, ...]) -> None:
        status = self.status
        if not is_inside(str(sender[0]), self.options.networks):
            self.status = replace(status, refused=status.refused + 1)
            return
        try:
            pose = self._parser.parse(data, self._clock())
        except Exception as error:  # whatever a stranger's bytes raise, the next ones are read
            if not isinstance(error, ValueError):
                self._failures.exception("input cannot be read")
            self.status = replace(status, broken=status.broken + 1, detail=f"A datagram is broken: {error}.")
            return
        self.status = replace(status, datagrams=status.datagrams + 1, poses=status.poses + (pose is not None))
        if pose is not None:
            try:
                self._take(restricted(pose, self.options.parts))
            except Exception:
                self._failures.exception("input failed")

    def _ask(self) -> None:
        """Ask the phone to send, once a second."""
        options, now_s = self.options, self._clock()
        if not options.phone or now_s - self._asked_at_s < ASK_EVERY_S:
            return
        self._asked_at_s = now_s
        assert self._socket is not None
        if options.kind == "meowface":
            asked, port = meowface.request(self._socket.getsockname()[1]), meowface.REQUEST_PORT
        else:
            asked, port = ifacialmocap.REQUEST, INPUT_PORTS["ifacialmocap"]
        try:
            found = socket.getaddrinfo(options.phone, port, family=self._socket.family, type=socket.SOCK_DGRAM)
            self._socket.sendto(asked, found[0][4])
        except OSError as error:
            self.status = replace(self.status, detail=f"The phone cannot be asked: {error.strerror or error}.")


def _bound(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(
        host, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE
    )[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER_BYTES)
        bound.setblocking(False)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    return bound
