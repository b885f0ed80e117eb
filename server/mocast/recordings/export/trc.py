"""The writer of TRC (Track Row Column), text that OpenSim and Motion Analysis' programs read: metres, Y up.

X is forward and Z to the subject's right, as in OpenSim's models. A marker that is not seen is left empty. Source:
https://opensimconfluence.atlassian.net/wiki/spaces/OpenSim/pages/53089972/Marker+.trc+Files
"""

from math import isfinite
from typing import IO, Final

import numpy as np

from mocast.recordings.export.markers import NAMES, Markers

_FROM_AVATAR_SPACE: Final = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], np.float32)
_FRAMES_AT_ONCE: Final = 512


def write(markers: Markers, file: IO[bytes]) -> None:
    """Write markers of a constant rate. Raises ``OSError`` as the file does."""
    count, rate = len(markers), f"{markers.fps:.6g}"
    lines = [
        "PathFileType\t4\t(X/Y/Z)\tmocast.trc",
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames",
        f"{rate}\t{rate}\t{count}\t{len(NAMES)}\tm\t{rate}\t1\t{count}",
        "Frame#\tTime\t" + "\t".join(f"{name}\t\t" for name in NAMES),
        "\t\t" + "\t".join(f"X{number}\tY{number}\tZ{number}" for number in range(1, len(NAMES) + 1)),
        "",
    ]
    file.write(("\n".join(lines) + "\n").encode())
    for first in range(0, count, _FRAMES_AT_ONCE):
        turned = markers.positions[first : first + _FRAMES_AT_ONCE] @ _FROM_AVATAR_SPACE.T
        rows = (turned.reshape(len(turned), -1).astype(np.float64).round(5) + 0.0).tolist()
        text = [
            f"{number + 1}\t{markers.times_s[number]:.6f}\t" + "\t".join(f"{v:.5f}" if isfinite(v) else "" for v in row)
            for number, row in enumerate(rows, first)
        ]
        file.write(("\n".join(text) + "\n").encode())
