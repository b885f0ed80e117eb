"""Whose face is tracked where there are several: that of who is before the camera, not of a poster behind."""

from pathlib import Path

import cv2
import numpy as np

from mocast.model.frame import RgbImage
from mocast.tracking.engines import EngineOptions, load_engine
from tests.pictures import as_frame, astronaut

OWN_X, POSTER_X = 170, 500


def scene(*, turned_away: bool = False) -> RgbImage:
    """A large face on the left, and a smaller one on the right."""
    head = astronaut()[40:220, 140:310]
    picture = np.full((480, 640, 3), 120, np.uint8)
    for x, side in ((OWN_X, 320), (POSTER_X, 200)):
        if turned_away and x == OWN_X:
            continue
        shown = cv2.resize(head, (side * head.shape[1] // head.shape[0], side), interpolation=cv2.INTER_AREA)
        top, left = 240 - side // 2, x - shown.shape[1] // 2
        picture[top : top + side, left : left + shown.shape[1]] = shown
    return picture


def test_the_face_before_the_camera_is_tracked_and_waited_for_while_it_is_turned_away(network_cache: Path) -> None:
    engine = load_engine("openvino", EngineOptions(threads=1, cache_folder=network_cache, precision="f32"))
    tracker, number = engine.build("face", "balanced", still=False), 0

    def places(rgb: RgbImage, frames: int) -> list[float | None]:
        """Return where the face is in each frame, across the picture in pixels, at 5 frames a second."""
        nonlocal number
        found: list[float | None] = []
        for _ in range(frames):
            face = tracker.track(as_frame(rgb, 6 * number)).face
            found.append(None if face is None else 640 * float(face.image[:, 0].mean()))
            number += 1
        return found

    first = places(scene(), 5)
    assert all(x is not None and abs(x - OWN_X) < 30 for x in first), first
    assert places(scene(turned_away=True), 8) == [None] * 8
    back = places(scene(), 4)
    assert back[-1] is not None
    assert abs(back[-1] - OWN_X) < 30
    gone = places(scene(turned_away=True), 22)
    assert gone[-1] is not None, "in the end, whoever is there is tracked"
    assert abs(gone[-1] - POSTER_X) < 30
    tracker.close()
    engine.close()
