"""OSC as an OSC library reads it: packets, and a receiver that has the last arguments of each address."""

import threading
from collections.abc import Iterable
from typing import Self

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage
from pythonosc.osc_server import BlockingOSCUDPServer


def read_osc(packets: Iterable[bytes | memoryview]) -> dict[str, list[object]]:
    """Return each message's arguments by its address, in order; none comes twice, and each packet fits a frame."""
    found: dict[str, list[object]] = {}
    for packet in packets:
        assert len(packet) <= 1452
        for message in OscBundle(bytes(packet)):
            assert isinstance(message, OscMessage)
            assert message.address not in found
            found[message.address] = list(message.params)
    return found


class OscServerThread:
    """A server of OSC, which listens in a thread of its own while the context lasts."""

    def __init__(self, name: str, server: BlockingOSCUDPServer) -> None:
        self._server = server
        self.port: int = server.server_address[1]
        self._thread = threading.Thread(target=server.serve_forever, args=(0.05,), name=name)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class OscReceiver(OscServerThread):
    """Keeps what came last for each address."""

    def __init__(self) -> None:
        self.last: dict[str, tuple[object, ...]] = {}
        self._changed = threading.Condition()
        dispatcher = Dispatcher()
        dispatcher.set_default_handler(self._take)
        super().__init__("osc receiver", BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher))

    def wait_for(self, address: str, timeout_s: float = 120) -> None:
        """Wait until something came for an address."""
        with self._changed:
            assert self._changed.wait_for(lambda: address in self.last, timeout_s), sorted(self.last)

    def _take(self, address: str, *arguments: object) -> None:
        with self._changed:
            self.last[address] = arguments
            self._changed.notify_all()
