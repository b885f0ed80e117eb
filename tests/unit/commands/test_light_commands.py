"""What runs on a person's own machine loads nothing that only a server needs."""

import subprocess
import sys

from mocast.outputs.output import MAKERS

OUTPUTS = tuple(maker.partition(":")[0] for maker in MAKERS.values())
OWN_MACHINE = ("mocast.cli", "mocast.commands.bridge", "mocast.commands.keys", *OUTPUTS)
SERVERS = {"mediapipe", "cv2", "aiortc", "av", "PIL", "jwt", "cryptography"}
EXTRAS = {"pynput", "evdev"}


def test_bridge_and_keys_load_no_library_of_a_server_s_nor_of_an_extra() -> None:
    code = f"import sys, {', '.join(OWN_MACHINE)}\nprint({SERVERS | EXTRAS} & set(sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True).stdout.strip() == b"set()"
