"""A rig as JSON: what is written is read again, and what is not whole is no rig."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.golden import make

from mocast.model.hand_targets import NO_TARGETS
from mocast.wire import rig_json


def test_what_is_written_is_read_again() -> None:
    rig = make.moving_rig()
    read = rig_json.decode(rig_json.encode(rig))
    assert read is not None
    assert (read.frame, read.pts, read.found) == (rig.frame, rig.pts, rig.found)
    np.testing.assert_allclose(read.hips, rig.hips, atol=1e-4)
    np.testing.assert_allclose(read.rotations, rig.rotations, atol=2e-5)
    np.testing.assert_allclose(read.shapes, rig.shapes, atol=1e-3)
    np.testing.assert_allclose(read.expressions, rig.expressions, atol=1e-3)
    np.testing.assert_allclose(read.gaze_deg, rig.gaze_deg, atol=1e-2)
    assert read.head is not None
    assert rig.head is not None
    np.testing.assert_allclose(read.head.position, rig.head.position, atol=1e-4)
    np.testing.assert_allclose(read.head.rotation, rig.head.rotation, atol=2e-5)


def test_rotations_that_were_rounded_are_read_at_unit_length() -> None:
    read = rig_json.decode(rig_json.encode(make.moving_rig()))
    assert read is not None
    np.testing.assert_allclose(np.linalg.norm(read.rotations, axis=1), 1, atol=1e-6)


def test_delay_is_kept_on_the_reader_s_own_clock() -> None:
    rig = make.moving_rig()
    read = rig_json.decode(rig_json.encode(replace(rig, rigged_at_ns=rig.decoded_at_ns + 46_000_000)))
    assert read is not None
    assert read.rigged_at_ns - read.decoded_at_ns == 46_000_000


def test_a_face_that_is_not_seen_has_no_head() -> None:
    read = rig_json.decode(rig_json.encode(replace(make.moving_rig(), head=None)))
    assert read is not None
    assert read.head is None


@pytest.mark.parametrize(("told", "person"), [({}, 0), ({"person": 3}, 3)])
def test_a_rig_that_tells_no_person_is_of_the_first(told: dict[str, int], person: int) -> None:
    message = json.loads(rig_json.encode(make.moving_rig()))
    del message["person"]
    read = rig_json.decode(json.dumps(message | told))
    assert read is not None
    assert read.person == person


def changed(**changes: Any) -> str:
    return json.dumps(json.loads(rig_json.encode(make.moving_rig())) | changes)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "{}",
        '{"type": "landmarks"}',
        changed(type="landmarks"),
        changed(version=2),
        changed(hips=[0, 1]),
        changed(hips=[0, 1, None]),
        changed(hips=[0, 1, 1e99]),
        changed(rotations={}),
        changed(rotations={**json.loads(changed())["rotations"], "hips": [0, 0, 0, 0]}),
        changed(rotations={**json.loads(changed())["rotations"], "hips": [0, 0, 1]}),
        changed(rotations={name: [0, 0, 1] for name in json.loads(changed())["rotations"]}),
        changed(shapes=[0] * 52),
        changed(expressions={"happy": 1}),
        changed(gaze=None),
        changed(found={}),
        changed(head={"position": [0, 0, 0]}),
        changed(delay_ms="soon"),
        changed(frame=None),
    ],
)
def test_what_is_no_whole_rig_is_none(text: str) -> None:
    assert rig_json.decode(text) is None


@given(st.text() | st.binary())
def test_reading_never_raises(text: str | bytes) -> None:
    assert rig_json.decode(text) is None


def test_unknown_fields_are_left_to_the_future() -> None:
    assert rig_json.decode(changed(mood="fine")) is not None


def test_a_rig_of_before_feet_and_targets_were_told_stands_on_no_foot_and_touches_nothing() -> None:
    message = json.loads(rig_json.encode(make.moving_rig()))
    del message["planted"], message["hand_targets"]
    read = rig_json.decode(json.dumps(message))
    assert read is not None
    assert read.planted == (False, False)
    assert read.hand_targets is NO_TARGETS


@pytest.mark.parametrize("change", [{"planted": {"left_foot": True}}, {"hand_targets": {"left_hand": 3}}])
def test_feet_and_targets_that_are_incomplete_are_refused(change: dict[str, object]) -> None:
    assert rig_json.decode(changed(**change)) is None
