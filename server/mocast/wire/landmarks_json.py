"""Landmarks as one JSON text per frame, version 1 of ``docs/wire-format.md``: the writer and the reader."""

import time
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from mocast.model.topology import FACE_COUNT, HAND_COUNT, POSE_COUNT
from mocast.model.tracked import Face, Hand, Pose, Tracked
from mocast.model.wrapping import wrapped

PROTOCOL: Final = "mocast.landmarks.v1+json"
"""The sub-protocol's name on the data channel."""
VERSION: Final = 1

_LARGEST: Final = 1e6
_IMAGE_DECIMALS, _WORLD_DECIMALS, _SCORE_DECIMALS = 5, 4, 3


def encode(tracked: Tracked, *, mirrored: bool) -> str:
    """Return the frame's message; ``mirrored`` says that the picture which is sent back is flipped."""
    width, height = tracked.size_wh
    face = tracked.face
    message = {
        "version": VERSION,
        "frame": wrapped(tracked.frame),
        "pts": wrapped(tracked.pts),
        "person": tracked.person,
        "width": width,
        "height": height,
        "mirrored": mirrored,
        "tracking_ms": round(tracked.tracking_ns / 1e6, 1),
        "delay_ms": tracked.delay_ms,
        "pose": _pose(tracked.pose) if tracked.pose else None,
        "face": {"image": np.round(face.image, _IMAGE_DECIMALS)} if face else None,
        "left_hand": _hand(tracked.left_hand) if tracked.left_hand else None,
        "right_hand": _hand(tracked.right_hand) if tracked.right_hand else None,
    }
    return orjson.dumps(message, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def decode(text: str | bytes) -> Tracked | None:
    """Return the landmarks in a message, as exact as its decimals.

    ``frame`` and ``pts`` are modulo 2³², and its times are on this machine's clock, as if it had arrived without delay.
    ``None`` where the message is of another type or version, or incomplete. Never raises.
    """
    try:
        message = orjson.loads(text)
        if message.get("type", "landmarks") != "landmarks" or message["version"] != VERSION:
            return None
        now = time.monotonic_ns()
        pose, face = message["pose"], message["face"]
        return Tracked(
            frame=int(message["frame"]),
            pts=int(message["pts"]),
            decoded_at_ns=now - int(message["delay_ms"]) * 1_000_000,
            size_wh=(int(message["width"]), int(message["height"])),
            tracked_at_ns=now,
            tracking_ns=int(message["tracking_ms"] * 1e6),
            pose=_read_pose(pose) if pose else None,
            face=Face(_array(face["image"], FACE_COUNT, 3)) if face else None,
            left_hand=_read_hand(message["left_hand"]) if message["left_hand"] else None,
            right_hand=_read_hand(message["right_hand"]) if message["right_hand"] else None,
            person=int(message.get("person", 0)),
        )
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
        return None


def _read_pose(pose: Mapping[str, Any]) -> Pose:
    image, world = (_array(pose[space], POSE_COUNT, 3) for space in ("image", "world"))
    return Pose(image, world, _array(pose["visibility"], POSE_COUNT))


def _read_hand(hand: Mapping[str, Any]) -> Hand:
    image, world = (_array(hand[space], HAND_COUNT, 3) for space in ("image", "world"))
    return Hand(image, world, float(hand["score"]))


def _array(values: object, *shape: int) -> NDArray[np.float32]:
    """Return numbers as an array. Raises ``ValueError`` where there are more or fewer, or one is impossible."""
    array = np.array(values, np.float64)
    if array.shape != shape or not (np.abs(array) <= _LARGEST).all():
        raise ValueError
    return array.astype(np.float32)


def _pose(pose: Pose) -> dict[str, Any]:
    return {
        "image": np.round(pose.image, _IMAGE_DECIMALS),
        "world": np.round(pose.world, _WORLD_DECIMALS),
        "visibility": np.round(pose.visibility, _SCORE_DECIMALS),
    }


def _hand(hand: Hand) -> dict[str, Any]:
    return {
        "image": np.round(hand.image, _IMAGE_DECIMALS),
        "world": np.round(hand.world, _WORLD_DECIMALS),
        "score": round(hand.score, _SCORE_DECIMALS),
    }
