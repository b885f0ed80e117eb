"""Two-hand zoom: how far pinching hands have come apart since both pinch."""

import pytest
from tests.hands import GESTURE_POSES, hand

from mocast.analysis.two_hand_zoom import TwoHandZoom
from mocast.model.tracked import Hand

SIZE_WH = (640, 480)


def hands(apart: float) -> tuple[Hand, Hand]:
    pinch = GESTURE_POSES["pinch"]
    return hand(pinch, at=(0.5 + apart / 2, 0.5)), hand(pinch, at=(0.5 - apart / 2, 0.5))


def test_it_is_the_ratio_of_the_distances() -> None:
    zoom = TwoHandZoom()
    assert zoom.update(hands(0.3), (1.0, 0.2), SIZE_WH) is None, "only one hand pinches"
    assert zoom.update(hands(0.3), (1.0, 0.9), SIZE_WH) == 1.0
    wide = zoom.update(hands(0.6), (0.6, 0.6), SIZE_WH)
    assert wide == pytest.approx(2.0, rel=0.05), "a pinch that has begun may be weaker"
    assert zoom.update(hands(0.15), (0.9, 0.9), SIZE_WH) == pytest.approx(0.5, rel=0.1)
    assert zoom.update(hands(0.15), (0.9, 0.4), SIZE_WH) is None, "one hand let go"
    assert zoom.update(hands(0.15), (0.9, 0.9), SIZE_WH) == 1.0, "it begins anew"


def test_a_hand_that_is_not_seen_ends_it() -> None:
    zoom = TwoHandZoom()
    left, right = hands(0.3)
    assert zoom.update((left, right), (1.0, 1.0), SIZE_WH) == 1.0
    assert zoom.update((left, None), (1.0, 0.0), SIZE_WH) is None
