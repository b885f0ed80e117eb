"""A reference motion, as clients send it."""

from typing import Any

import numpy as np
import pytest

from mocast.errors import Unprocessable
from mocast.model.reference import MOST_POSES, read_motion


def pose(at: Any = 0.0, world: Any = None, visibility: Any = None) -> dict[str, Any]:
    return {"at": at, "world": world or [[0.1, -0.5, 0.25]] * 33, "visibility": visibility or [0.5] * 33}


def test_a_motion_begins_at_0_and_tells_what_it_is() -> None:
    motion = read_motion({"motion": [pose(7), pose(7.5), pose(9)], "mirrored": True})
    assert motion.times_s.tolist() == [0, 0.5, 2]
    assert motion.world.shape == (3, 33, 3)
    assert motion.world.dtype == motion.visibility.dtype == np.float32
    assert motion.summary() == {"motion": {"poses": 3, "seconds": 2.0}, "mirrored": True}


@pytest.mark.parametrize(
    "wrong",
    [
        {"motion": 7},
        {"motion": []},
        {"motion": [pose()]},
        {"motion": [pose(), 7]},
        {"motion": [pose(), {"at": 1}]},
        {"motion": [pose(), pose(1) | {"more": 1}]},
        {"motion": [pose(), pose(0)]},
        {"motion": [pose(), pose(-1)]},
        {"motion": [pose(), pose(31)]},
        {"motion": [pose(), pose(0.05)]},
        {"motion": [pose(), pose("1")]},
        {"motion": [pose(), pose(True)]},
        {"motion": [pose(), pose(1, [[0, 0, "0.5"]] * 33)]},
        {"motion": [pose(), pose(1, visibility=[True] * 33)]},
        {"motion": [pose(), pose(None)]},
        {"motion": [pose(), pose(1, [[0, 0]] * 33)]},
        {"motion": [pose(), pose(1, [[0, 0, 0]] * 32)]},
        {"motion": [pose(), pose(1, [[0, 0, 11]] * 33)]},
        {"motion": [pose(), pose(1, [[0, 0, float("nan")]] * 33)]},
        {"motion": [pose(), pose(1, [[0, 0, {}]] * 33)]},
        {"motion": [pose(), pose(1, [[0, 0, 10**400]] * 33)]},
        {"motion": [pose(), pose(1, [[0, 0, "a" * 300_000]] * 33)]},
        {"motion": [pose(), pose(1, [[0, 0, None]] * 33)]},
        {"motion": [pose(), pose(1, visibility=[1.5] * 33)]},
        {"motion": [pose(), pose(1)], "mirrored": 1},
        {"motion": [pose(), pose(1)], "more": 1},
        {"motion": [pose(0.01 * number) for number in range(MOST_POSES + 1)]},
    ],
)
def test_what_is_no_motion_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(Unprocessable):
        read_motion(wrong)
