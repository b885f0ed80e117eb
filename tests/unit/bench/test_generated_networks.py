"""Trackers over the networks of generated people."""

import numpy as np
import pytest
from bench.avatar.motions import MOTIONS
from bench.avatar.people import average_person
from bench.avatar.takes import camera_of, film
from bench.generated_networks import tracked_shots
from bench.generated_rigs import by_motion, joined
from bench.rig_parity import measures, rigged

from mocast.tracking.openvino.schedule.quality_profile import PROFILES


@pytest.fixture(scope="module")
def crouch():
    person = average_person()
    return film(MOTIONS["crouch"], person, camera_of(person), seconds=0.6).shots


def test_exact_finds_what_is_shown(crouch):
    for found, shot in zip(tracked_shots(crouch, PROFILES["exact"]), crouch, strict=True):
        for part in ("face", "left_hand", "right_hand"):
            seen, shown = (getattr(one, part).image for one in (found, shot.tracked))
            np.testing.assert_allclose(seen, shown, atol=1e-5)
        np.testing.assert_allclose(found.left_hand.world, shot.tracked.left_hand.world, atol=1e-6)
    # The body is smoothed; its first frame is not.
    (first, *_), (shown, *_) = tracked_shots(crouch[:1], PROFILES["exact"]), crouch
    np.testing.assert_allclose(first.pose.image, shown.tracked.pose.image, atol=1e-5)
    np.testing.assert_allclose(first.pose.world, shown.tracked.pose.world, atol=1e-6)


def test_a_quality_that_skips_frames_is_off_and_joined_takes_are_compared_together(crouch):
    exact, fast = (rigged(tracked_shots(crouch, PROFILES[quality])) for quality in ("exact", "fast"))
    assert np.abs(exact.local - fast.local).max() > 1e-3
    twice = joined([exact, exact])
    assert len(twice.local) == 2 * len(crouch)
    rows = measures([twice], [twice])
    assert {row.verdict for row in rows} == {"met"}
    assert by_motion({"crouch": rows}).splitlines()[-1].startswith("| crouch | 0.0 |")
