"""Joint angles of a stream, as the analyser tells them."""

import warnings

import numpy as np
import pytest
from tests import people
from tests.unit.analysis.true_angles import true_angles
from tests.unit.rigging.skeletons import posed, random_skeleton, tracked

from mocast.analysis.analyser import Analyser
from mocast.model.analysis import ANGLE_NAMES, Analysis
from mocast.model.options import AnalysisOptions
from mocast.model.topology import KNEES
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Tracked


def analysed(*frames: Tracked, withhold: bool = False) -> Analysis:
    """The analysis of the last of them."""
    analyser = Analyser(AnalysisOptions(withhold=withhold))
    return [analyser.analyse(frame, None) for frame in frames][-1]


def squat(number: int, depth: float, yaw: float) -> Tracked:
    return tracked(
        posed(hips=(0, yaw, 0), left_upper_leg=(-depth, 0, 0), left_lower_leg=(depth, 0, 0)), pts=3000 * number
    )


def test_a_motion_is_told_with_its_velocity_and_its_range() -> None:
    analysis = analysed(*(squat(number, 10 + 3 * number, 90) for number in range(30)))
    angles = analysis.angles
    assert angles is not None
    assert angles.of("left_knee") == pytest.approx(97, abs=0.1)
    knee = 12
    assert angles.speed_deg_s[knee] == pytest.approx(90, abs=0.1)
    assert (angles.lowest_deg[knee], angles.highest_deg[knee]) == pytest.approx((13, 94), abs=0.1)
    assert angles.faces_camera[knee]
    assert analysis.symmetry is not None
    assert analysis.symmetry.difference_deg[6] == pytest.approx(97, abs=0.1)


def test_an_angle_that_does_not_face_the_camera_is_marked_or_withheld() -> None:
    frames = [squat(number, 60, 0) for number in range(5)]
    marked, withheld = analysed(*frames).angles, analysed(*frames, withhold=True).angles
    assert marked is not None
    assert withheld is not None
    assert marked.of("left_knee") == pytest.approx(60, abs=0.1)
    assert not marked.faces_camera[12]
    assert np.isnan(withheld.of("left_knee"))
    assert np.isnan(withheld.highest_deg[12])
    assert withheld.of("trunk_side_lean") == pytest.approx(0, abs=0.1)


def test_without_a_pose_there_are_no_angles() -> None:
    analysis = analysed(people.tracked(left_hand=people.hand((500, 195))))
    assert (analysis.angles, analysis.symmetry) == (None, None)


@pytest.mark.parametrize("broken", [np.nan, np.inf, -np.inf, 3e38, 0])
def test_nothing_raises_or_warns_whatever_the_landmarks(broken: float) -> None:
    frames = [tracked(posed(), pts=3000 * number) for number in range(6)]
    for frame in frames[2:4]:
        assert frame.pose is not None
        assert frame.left_hand is not None
        for array in (frame.pose.world, frame.pose.image, frame.left_hand.world):
            array[::2] = broken
    for frame in frames[4:]:
        assert frame.pose is not None
        frame.pose.world[:] = broken
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        angles = analysed(*frames).angles
    assert angles is not None
    assert np.isnan(angles.degrees).all() or broken == 3e38


def test_a_leg_below_the_picture_has_no_angles() -> None:
    frame = tracked(posed(), visibility={P.LEFT_KNEE: 0.1})
    angles = analysed(frame).angles
    assert angles is not None
    assert np.isnan(angles.of("left_knee"))
    assert not np.isnan(angles.of("right_knee"))


def test_a_reset_begins_ranges_anew() -> None:
    analyser = Analyser(AnalysisOptions())
    for number in range(5):
        analyser.analyse(squat(number, 90, 90), None)
    analyser.reset()
    angles = [analyser.analyse(squat(number, 20, 90), None) for number in range(5, 10)][-1].angles
    assert angles is not None
    assert angles.highest_deg[12] == pytest.approx(20, abs=0.1)


WRISTS = [ANGLE_NAMES.index("left_wrist"), ANGLE_NAMES.index("right_wrist")]


@pytest.mark.parametrize("is_half", [False, True])
def test_wrists_are_told_of_a_person_aside_and_of_half_a_body_whose_hips_come_and_go(is_half: bool) -> None:
    rng, errors = np.random.default_rng(4), []
    for _ in range(10):
        body, analyser = random_skeleton(rng), Analyser(AnalysisOptions())
        for number in range(12):
            hidden = [*KNEES, P.LEFT_HIP] if number > 8 and number % 2 else KNEES
            frame = tracked(
                body,
                pts=9000 * number,
                visibility=dict.fromkeys(map(P, hidden), 0.0) if is_half else None,
                hips_m=(0.5, -0.5 if is_half else 0.0),
                is_half=is_half,
            )
            angles = analyser.analyse(frame, None).angles
            assert angles is not None
            errors.append(((angles.degrees - true_angles(body) + 180) % 360 - 180)[WRISTS])
    assert np.abs(errors).max() < 0.5
