"""Writes the golden file of recordings: ``python -m tests.golden.make_recording``. See ``make.py``."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import orjson
from tests.golden import make

from mocast import __version__
from mocast.model.blendshapes import EXPRESSION_COUNT, SHAPE_COUNT
from mocast.model.humanoid import BONE_COUNT
from mocast.model.rig import Found, HeadPose, Rig
from mocast.wire import landmarks_json, recording_json, rig_json

FILE = make.FOLDER / "recording.jsonl"


def rig(number: int) -> Rig:
    """A rig whose numbers are exact in binary or in decimals."""
    turns = np.array([[0, 0, 0, 1], [0.5, 0.5, 0.5, 0.5], [0, 0.6, 0, 0.8], [-0.8, 0, 0, 0.6]], np.float32)
    return Rig(
        frame=number,
        pts=2**32 - 3000 + number * 3000,
        decoded_at_ns=1_000_000_000,
        rigged_at_ns=1_046_000_000,
        hips=np.array([0.25, 0.875, -0.5], np.float32),
        rotations=turns[(np.arange(BONE_COUNT) + number) % len(turns)],
        shapes=(np.arange(SHAPE_COUNT) / 64).round(3).astype(np.float32),
        expressions=(np.arange(EXPRESSION_COUNT) / 16).round(3).astype(np.float32),
        gaze_deg=np.array([-7.25, 3.5], np.float32),
        found=Found(body=True, face=number > 0, right_hand=True),
        head=HeadPose(np.array([0.125, -0.25, 0.625], np.float32), turns[2]) if number else None,
    )


def _line_of_0_1(rig: Rig) -> bytes:
    """Return a rig's line without what later versions tell."""
    message = orjson.loads(rig_json.encode(rig))
    del message["planted"], message["hand_targets"]
    return orjson.dumps(message) + b"\n"


def recording() -> bytes:
    """A recording of two frames, as version 0.1.0 wrote it."""
    header = recording_json.header("hall", datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC), ("landmarks", "rig"))
    lines = [header.replace(f"mocast {__version__}".encode(), b"mocast 0.1.0")]
    for number in range(2):
        tracked = replace(make.frame(number, pose=make.pose(3)), pts=rig(number).pts)
        lines.append(landmarks_json.encode(tracked, mirrored=False).encode() + b"\n")
        lines.append(_line_of_0_1(rig(number)))
    trailer = recording_json.RecordingTrailer("stopped", "it was stopped", 0.125, {"landmarks": 2, "rigs": 2}, 0)
    return b"".join([*lines, recording_json.trailer(trailer)])


if __name__ == "__main__":
    FILE.write_bytes(recording())
