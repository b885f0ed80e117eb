"""How late a room's rigs and the packets of an app come, counted from the camera's pictures on.

Each picture's timestamp is a number by which its rig is known again, whatever was dropped on the way, and the time that
VMC's packets tell is the rig's number. All times are of one clock.
"""

import asyncio
import socket
import struct
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from mocast.client import MocastClient
from mocast.model.pts import PTS_PER_S
from mocast.model.rig import Rig
from mocast.outputs.destination import Destination
from mocast.outputs.status import StatusRecorder
from mocast.outputs.udp import Packets, UdpOutput
from mocast.outputs.vmc import VmcEncoder
from mocast.wire import rig_json

if TYPE_CHECKING:
    from av import VideoFrame

    from mocast.client.camera import Camera

LOCAL: Final = "127.0.0.1"
FPS: Final = 30
TICKS: Final = PTS_PER_S // FPS
SPREAD: Final = 601
"""A prime. A picture's timestamp is later than at an even rate by its number's square modulo this, in ticks (7 ms at
most), so that no two series of pictures within 20 s are alike."""
MOST_COMPARED: Final = 64
"""Rigs by which the beginning of the series is found."""
WARM_UP_S: Final = 2.0
"""What comes before is left out: the person is found, codecs and bitrates settle."""
MAX_DATAGRAM: Final = 65_536

Milliseconds = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Delays:
    """How long each picture took, in milliseconds, and how many came."""

    camera_to_rig: Milliseconds
    rig_to_app: Milliseconds
    camera_to_app: Milliseconds
    pictures: int
    "Sent after the warm-up."
    rigs: int
    "Of these pictures."
    found: int
    "Rigs among them with somebody in them."

    def to_json(self) -> dict[str, Any]:
        """Return percentiles of the delays, and the counts."""
        told: dict[str, Any] = {}
        for name in ("camera_to_rig", "rig_to_app", "camera_to_app"):
            values = getattr(self, name)
            told[f"{name}_ms"] = (
                dict(zip(("p50", "p95", "max"), np.percentile(values, (50, 95, 100)).round(1).tolist(), strict=True))
                if len(values)
                else None
            )
        return {**told, "pictures": self.pictures, "rigs": self.rigs, "found": self.found}


def timestamp(number: int) -> int:
    """Return a picture's timestamp, 90 kHz."""
    return number * TICKS + number * number % SPREAD


class NumberedCamera:
    """A camera whose pictures' timestamps are numbers, and which notes when it gives each out. It ends by itself."""

    codec_name: str | None = None

    def __init__(self, camera: "Camera", seconds: float) -> None:
        """``seconds``: after the warm-up."""
        self.ended = asyncio.Event()
        self.sent_at_s: list[float] = []
        "On the monotonic clock, by number."
        self._camera = camera
        self._pictures = round((WARM_UP_S + seconds) * FPS)

    async def next_frame(self) -> "VideoFrame | None":
        """Wait for a picture; ``None`` when there are no more."""
        frame = await self._camera.next_frame() if len(self.sent_at_s) < self._pictures else None
        if frame is None:
            self.ended.set()
            return None
        frame.pts = timestamp(len(self.sent_at_s))
        self.sent_at_s.append(time.monotonic())
        return frame

    def check(self) -> None:
        """Raise ``RequestError`` where the pictures ended by a fault."""
        self._camera.check()

    async def close(self) -> None:
        """Read no more."""
        await self._camera.close()


class RigLog:
    """Notes when each rig came, and sends it on to an app's port as the bridge does."""

    def __init__(self, app: "AppPort") -> None:
        self.came_at_s: dict[int, float] = {}
        "By the rig's ``pts``."
        self.numbers: dict[int, int] = {}
        "Of rigs as they came, by their ``pts``: what an app is told as the time."
        self.found: set[int] = set()
        "``pts`` of rigs with somebody in them."
        self._number = 0.0
        self._encoder = VmcEncoder(clock=lambda: self._number)
        self._output = UdpOutput(Destination(LOCAL, app.port), self, StatusRecorder("probe"))
        self._output.start()

    async def read(self, client: MocastClient, room: str) -> None:
        """Take the room's rigs until cancelled."""
        async with client.reader(room, "rig") as reader:
            while True:
                text = await reader.newest()
                came_at_s = time.monotonic()
                rig = rig_json.decode(text or "")
                if rig is not None and rig.person == 0:
                    self.came_at_s[rig.pts] = came_at_s
                    self.numbers[rig.pts] = len(self.numbers)
                    self._output.send(rig)
                    if rig.found.anything:
                        self.found.add(rig.pts)

    def encode(self, rig: Rig) -> Packets:
        """Return the rig's packets. Called on the output's thread."""
        self._number = float(self.numbers[rig.pts])
        return self._encoder.encode(rig)

    async def close(self) -> None:
        """Send nothing more."""
        self._output.close()
        await self._output.wait_closed()


class AppPort:
    """A port of this machine that listens as a VMC app does, in a thread of its own."""

    def __init__(self) -> None:
        self.came_at_s: dict[int, float] = {}
        "When the last packet of a rig came, by its number."
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((LOCAL, 0))
        self.port: int = self._socket.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, name="probe", daemon=True)

    def __enter__(self) -> "AppPort":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as end:
            end.sendto(b"", (LOCAL, self.port))
        self._thread.join()
        self._socket.close()

    def _listen(self) -> None:
        while packet := self._socket.recv(MAX_DATAGRAM):
            if b"/VMC/Ext/T\0" in packet:  # the last message of a rig's last packet
                came_at_s = time.monotonic()
                self.came_at_s.setdefault(round(*struct.unpack(">f", packet[-4:])), came_at_s)


def delays_of(sent_at_s: Sequence[float], rigs: RigLog, came_at_s: Mapping[int, float]) -> Delays:
    """Return how long each picture took that was sent after the warm-up."""
    numbers = numbers_of(rigs.came_at_s, len(sent_at_s))
    counted = {pts: number for pts, number in numbers.items() if sent_at_s[number] >= sent_at_s[0] + WARM_UP_S}
    to_rig = {pts: rigs.came_at_s[pts] - sent_at_s[number] for pts, number in counted.items()}
    to_app = {
        pts: came_at_s[rigs.numbers[pts]] - rigs.came_at_s[pts] for pts in counted if rigs.numbers[pts] in came_at_s
    }
    pictures = sum(at_s >= sent_at_s[0] + WARM_UP_S for at_s in sent_at_s) if sent_at_s else 0
    return Delays(
        camera_to_rig=1e3 * np.array(list(to_rig.values())),
        rig_to_app=1e3 * np.array(list(to_app.values())),
        camera_to_app=1e3 * np.array([to_rig[pts] + delay_s for pts, delay_s in to_app.items()]),
        pictures=pictures,
        rigs=len(counted),
        found=len(rigs.found & counted.keys()),
    )


def numbers_of(pts: Iterable[int], pictures: int) -> dict[int, int]:
    """Return the picture's number for each ``pts`` of a room.

    All differ from the camera's timestamps by one shift, taken to be the one that fits most of them; a ``pts`` may be a
    tick off.
    """
    known = {timestamp(number) + off: number for number in range(pictures) for off in (-1, 1, 0)}
    every = list(pts)
    some = every[:MOST_COMPARED]
    shifts = [timestamp(number) - first for first in some[:1] for number in range(min(pictures, SPREAD))]
    shift = max(shifts, key=lambda shift: sum(one + shift in known for one in some), default=0)
    return {one: known[one + shift] for one in every if one + shift in known}
