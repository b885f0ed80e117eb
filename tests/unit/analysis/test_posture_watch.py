"""Postures, compared with the best one, long enough to be told."""

import numpy as np

from mocast.analysis.posture_angles import PostureAngles
from mocast.analysis.posture_watch import BAD_S, PostureWatch

FPS = 10
UPRIGHT = PostureAngles(20.0, 3.0, 0.6)
FORWARD = PostureAngles(42.0, 5.0, 0.55)
SLOUCHED = PostureAngles(32.0, 24.0, 0.5)
SUNK = PostureAngles(28.0, None, 0.42)


def changes(*spans: tuple[float, PostureAngles | None], noise_deg: float = 3.0) -> list[str]:
    rng = np.random.default_rng(3)
    watch, found, frame = PostureWatch(), [], 0
    for seconds, angles in spans:
        for _ in range(round(FPS * seconds)):
            seen = angles
            if angles is not None:
                neck, trunk = rng.normal(0, noise_deg, 2)
                lean = None if angles.trunk_forward_deg is None else angles.trunk_forward_deg + trunk
                seen = PostureAngles(angles.neck_forward_deg + neck, lean, angles.neck_height + 0.01 * neck)
            if watch.update(seen, frame / FPS, 1 / FPS):
                found.append(str(watch.posture))
            frame += 1
    return found


def test_a_forward_head_and_a_slouch_are_told_once_and_so_is_their_end() -> None:
    assert changes((10, UPRIGHT), (20, FORWARD), (10, UPRIGHT)) == ["forward_head", "upright"]
    assert changes((10, UPRIGHT), (20, SLOUCHED), (10, UPRIGHT)) == ["slouch", "upright"]


def test_a_slouch_is_told_without_hips() -> None:
    upright = PostureAngles(20.0, None, 0.6)
    assert changes((10, upright), (20, SUNK), (10, upright)) == ["slouch", "upright"]


def test_leaning_over_for_a_moment_is_no_posture() -> None:
    assert changes(*[(8, UPRIGHT), (BAD_S - 1.5, SLOUCHED)] * 4) == []


def test_a_slouch_of_ten_minutes_is_still_one() -> None:
    assert changes((20, UPRIGHT), (600, SLOUCHED)) == ["slouch"]


def test_who_sits_upright_is_told_nothing() -> None:
    assert changes((600, UPRIGHT)) == []


def test_the_best_posture_may_come_later() -> None:
    assert changes((5, FORWARD), (10, UPRIGHT), (20, FORWARD)) == ["forward_head"]


def test_hips_that_are_not_seen_any_more_lean_no_more() -> None:
    watch = PostureWatch()
    watch.update(UPRIGHT, 0.0, 0.1)
    watch.update(SUNK, 0.1, 0.1)
    assert watch.angles is not None
    assert watch.angles.trunk_forward_deg is None


def test_a_body_that_is_not_seen_changes_nothing() -> None:
    assert changes((10, UPRIGHT), (30, None), (10, UPRIGHT)) == []
