"""Listens as an avatar app does (VMC protocol) and prints how some bones are turned, in Unity's angles."""

import sys
from math import asin, atan2, degrees

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer


class Marionette:
    """Gathers a frame, and takes it over when ``/VMC/Ext/OK`` comes: packets are small, a frame is several."""

    def __init__(self, bones: list[str]) -> None:
        self.bones, self.frames = bones, 0
        self.rotations: dict[str, tuple[float, ...]] = {}
        self.blends: dict[str, float] = {}

    def bone(self, _: str, name: str, *numbers: float) -> None:
        """Keep a bone: three numbers are its position, four its rotation, both relative to its parent."""
        self.rotations[name] = numbers[3:]

    def blend(self, _: str, name: str, value: float) -> None:
        """Keep a blend shape."""
        self.blends[name] = value

    def ok(self, _: str, loaded: int, calibration: int = 3, mode: int = 0, tracking: int = 1) -> None:
        """Print the frame. Older senders leave the last numbers out."""
        self.frames += 1
        turned = "  ".join(f"{name} {angles(self.rotations[name])}" for name in self.bones if name in self.rotations)
        strongest = max(self.blends, key=self.blends.__getitem__, default="")
        face = f"  {strongest} {self.blends[strongest]:.2f}" if strongest else ""
        print(f"frame {self.frames}: {turned}{face}{'' if tracking else '  (nobody is seen)'}", flush=True)


def angles(rotation: tuple[float, ...]) -> str:
    """Pitch, yaw and roll in degrees, as ``Quaternion.eulerAngles`` has them, but from -180 to 180."""
    x, y, z, w = rotation
    pitch = asin(max(-1, min(1, 2 * (w * x - y * z))))
    yaw, roll = atan2(2 * (x * z + w * y), 1 - 2 * (x * x + y * y)), atan2(2 * (x * y + w * z), 1 - 2 * (x * x + z * z))
    return f"({degrees(pitch):.0f}, {degrees(yaw):.0f}, {degrees(roll):.0f})"


if __name__ == "__main__":
    port, *bones = sys.argv[1:] or ["39539"]
    marionette, dispatcher = Marionette(bones or ["Head", "LeftUpperArm", "RightUpperArm"]), Dispatcher()
    dispatcher.map("/VMC/Ext/Bone/Pos", marionette.bone)
    dispatcher.map("/VMC/Ext/Blend/Val", marionette.blend)
    dispatcher.map("/VMC/Ext/OK", marionette.ok)
    server = BlockingOSCUDPServer(("127.0.0.1", int(port)), dispatcher)
    print(f"listening on port {port}", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()
