"""Landmarks as one JSON text per frame, version 1 of ``docs/wire-format.md``."""

from typing import Any, Final

import numpy as np
import orjson

from mocast.model.tracked import Hand, Pose, Tracked
from mocast.model.wrapping import wrapped

PROTOCOL: Final = "mocast.landmarks.v1+json"
"""The sub-protocol's name on the data channel."""
VERSION: Final = 1

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
