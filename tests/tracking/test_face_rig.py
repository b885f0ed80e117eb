"""Faces of real pictures: the astronaut, and clips where there are any."""

from functools import cache
from itertools import islice

import av
import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.model.blendshapes import Expression, Shape
from mocast.model.quaternions import angle_between
from mocast.model.tracked import Face
from mocast.rigging.face.face_solver import FaceSolver, FaceState
from mocast.tracking.engines import EngineOptions, load_engine
from tests.people import tracked_astronaut
from tests.pictures import as_frame
from tests.pictures import clip as find_clip

SIZE_WH = (640, 480)
FRAMES = {"signing_a": (265, 320), "signing_b": (235, 320)}
"""Of each clip: enough to learn the face and to see a blink."""


def face_of_astronaut() -> Face:
    face = tracked_astronaut().face
    assert face is not None
    return face


def test_the_astronaut_smiles_with_open_eyes_and_looks_about_into_the_camera() -> None:
    state = FaceSolver().solve(face_of_astronaut(), (512, 512), 0)
    shapes = state.shapes
    assert shapes[[Shape.MOUTH_SMILE_LEFT, Shape.MOUTH_SMILE_RIGHT]].min() > 0.7
    assert shapes[[Shape.MOUTH_UPPER_UP_LEFT, Shape.MOUTH_UPPER_UP_RIGHT]].min() > 0.3, "her teeth are seen"
    assert shapes[[Shape.EYE_BLINK_LEFT, Shape.EYE_BLINK_RIGHT, Shape.MOUTH_PUCKER, Shape.BROW_DOWN_LEFT]].max() < 0.1
    assert shapes[Shape.JAW_OPEN] < 0.2
    assert state.expressions[Expression.HAPPY] > 0.7
    assert np.abs(state.gaze_deg).max() < 8
    assert state.head is not None
    assert np.degrees(angle_between(state.head.rotation.astype(float), np.array([0, 0, 0, 1.0]))) < 15
    assert 0.4 < state.head.position[2] < 1.2
    assert state.head.position[1] > 0.1, "she is in the upper half of the picture"


@cache
def states(clip: str) -> tuple[list[FaceState], NDArray[np.float64]]:
    """Return the face of each of ``FRAMES``, and how far its landmarks moved since the last in pixels."""
    path = find_clip(f"{clip}.mp4")
    if path is None:
        pytest.skip("TEST_CLIPS names no clips")
    tracker = load_engine("mediapipe", EngineOptions(threads=1)).build("holistic", "balanced", still=False)
    solver = FaceSolver()
    found, points = [], []
    with av.open(str(path)) as container:
        for number, picture in enumerate(islice(container.decode(video=0), *FRAMES[clip])):
            face = tracker.track(as_frame(picture.to_ndarray(format="rgb24"), number)).face
            assert face is not None
            points.append(face.image[[6, 10, 33, 263], :2] * SIZE_WH)
            found.append(solver.solve(face, SIZE_WH, number / 30))
    tracker.close()
    return found, np.abs(np.diff(np.stack(points), axis=0)).mean(axis=(1, 2))


# Blinks that are to be seen in the pictures, with the eyes shut for two frames or more.
@pytest.mark.parametrize(("clip", "frames"), [("signing_a", (303, 313)), ("signing_b", (252, 262))])
def test_a_signers_blink_is_found_where_it_is(clip: str, frames: tuple[int, int]) -> None:
    found, _ = states(clip)
    blinks = np.stack([state.shapes[[Shape.EYE_BLINK_LEFT, Shape.EYE_BLINK_RIGHT]].max() for state in found])
    first, _ = FRAMES[clip]
    assert blinks[frames[0] - first : frames[1] - first].max() > 0.7
    assert np.median(blinks) < 0.05, "signers have their eyes open"


@pytest.mark.parametrize("clip", ["signing_a", "signing_b"])
def test_a_signer_who_keeps_still_has_a_still_face(clip: str) -> None:
    found, motion_px = states(clip)
    begin = int(np.convolve(motion_px, np.ones(30) / 30, "valid").argmin())
    calm = found[begin + 1 : begin + 30]
    shapes = np.stack([state.shapes for state in calm])
    heads = np.stack([state.head.rotation for state in calm if state.head is not None]).astype(float)
    assert np.abs(np.diff(shapes, axis=0)).mean() < 0.012
    assert np.degrees(np.median(angle_between(heads[1:], heads[:-1]))) < 0.8
