"""A receiver of the VMC protocol, built on python-osc: it takes a frame over when ``/VMC/Ext/OK`` comes, as apps do."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer

from tests.osc_receiver import OscServerThread

Argument = str | int | float
Message = tuple[str, tuple[Argument, ...]]


@dataclass
class VmcFrame:
    """What came from one frame's Root to its T."""

    messages: list[Message] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    "Of its datagrams."

    @property
    def addresses(self) -> list[str]:
        return [address for address, _ in self.messages]

    def all(self, address: str) -> list[tuple[Argument, ...]]:
        return [arguments for found, arguments in self.messages if found == address]

    @property
    def bones(self) -> dict[str, tuple[tuple[float, ...], tuple[float, ...]]]:
        """Position and rotation by name."""
        return {
            str(name): (tuple(map(float, numbers[:3])), tuple(map(float, numbers[3:])))
            for name, *numbers in self.all("/VMC/Ext/Bone/Pos")
        }

    @property
    def blends(self) -> dict[str, float]:
        return {str(name): float(value) for name, value in self.all("/VMC/Ext/Blend/Val")}


class VmcReceiver(OscServerThread):
    """Listens in a thread of its own; frames are whole from their ``/VMC/Ext/T`` on."""

    def __init__(self, port: int = 0) -> None:
        self.frames: list[VmcFrame] = []
        self._next = VmcFrame()
        self._changed = threading.Condition()
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(self._take)
        receiver = self

        class Server(BlockingOSCUDPServer):
            def verify_request(self, request: tuple[bytes, object], client_address: object) -> bool:
                receiver._next.sizes.append(len(request[0]))
                return super().verify_request(request, client_address)

        super().__init__("vmc receiver", Server(("127.0.0.1", port), dispatcher))

    def wait_for(self, condition: Callable[[list[VmcFrame]], bool], timeout_s: float = 120) -> list[VmcFrame]:
        """Return all frames as soon as they are as wanted."""
        with self._changed:
            assert self._changed.wait_for(lambda: condition(self.frames), timeout_s), len(self.frames)
            return list(self.frames)

    def _take(self, address: str, *arguments: Argument) -> None:
        self._next.messages.append((address, arguments))
        if address == "/VMC/Ext/T":
            with self._changed:
                self.frames.append(self._next)
                self._next = VmcFrame()
                self._changed.notify_all()
