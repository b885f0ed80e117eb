from itertools import pairwise

from mocast.tracking.openvino.schedule.quality_profile import PROFILES, QualityProfile

BEST, EXACT, BALANCED, FAST = (PROFILES[quality] for quality in ("best", "exact", "balanced", "fast"))


def test_exact_runs_the_networks_in_every_frame_with_full_precision() -> None:
    assert not EXACT.skips_frames
    assert EXACT.hand_precision == EXACT.body_precision == "f32"
    assert moves(EXACT) == (0, 0, 0)


def test_best_leaves_nothing_out() -> None:
    assert savings(BEST)[:7] == [0] * 7  # nothing is extrapolated or followed, and every region is re-detected
    assert BEST.backoff.max_frames == BEST.doubtful_hand_frames == 0
    assert not BEST.skips_frames
    assert BEST.hand_precision == BEST.body_precision == "f32"
    assert BEST.body_network == "pose_landmark_heavy"


def moves(profile: QualityProfile) -> tuple[float, float, float]:
    return profile.max_body_speed, profile.max_face_residual, profile.max_hand_speed


def savings(profile: QualityProfile) -> list[float]:
    """Return numbers that are larger the more a profile skips."""
    redetections = (profile.face_redetection, profile.hand_redetection)
    return [
        *moves(profile),
        *(limit for policy in redetections for limit in (policy.max_drift, policy.max_skipped)),
        -profile.backoff.free_misses,
        profile.backoff.max_frames,
        profile.doubtful_hand_frames,
        profile.min_score_of_new_hand,
        -profile.max_speed_of_new_hand,
        profile.skips_frames,
        profile.hand_precision == "reduced",
        profile.body_precision == "reduced",
    ]


def test_each_quality_skips_what_the_better_one_does_and_more() -> None:
    for better, worse in pairwise(map(savings, (BEST, EXACT, BALANCED, FAST))):
        assert better != worse
        assert all(one <= other for one, other in zip(better, worse, strict=True))


def test_no_redetection_is_skipped_beyond_the_drift_at_which_tracking_ends() -> None:
    for profile in PROFILES.values():
        assert profile.face_redetection.max_drift <= 1
        assert profile.hand_redetection.max_drift <= 1


def test_searches_are_made_several_times_a_second() -> None:
    """At 15 frames per second, too."""
    assert all(profile.backoff.max_frames <= 3 for profile in PROFILES.values())


def test_stills_depend_on_no_earlier_picture() -> None:
    for profile in PROFILES.values():
        stills = profile.for_stills()
        assert stills.still
        assert not stills.skips_frames
        assert stills.backoff.max_frames == stills.doubtful_hand_frames == stills.min_score_of_new_hand == 0
        assert (stills.hand_precision, stills.body_precision) == (profile.hand_precision, profile.body_precision)
