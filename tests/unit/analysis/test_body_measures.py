"""Bodies over many frames: presence, and a posture of known lean."""

from collections.abc import Iterable

from tests.unit.rigging.skeletons import posed, tracked

from mocast.analysis.body_measures import Body
from mocast.analysis.observation import Observation
from mocast.model.options import AnalysisOptions
from mocast.model.tracked import Tracked

FPS = 10
UPRIGHT = {"left_upper_arm": (0.0, 0.0, -75.0), "right_upper_arm": (0.0, 0.0, 75.0)}
NOBODY = Tracked(0, 0, 0, (640, 480))


def events(frames: Iterable[Tracked]) -> list[str]:
    body, found = Body(), []
    for number, frame in enumerate(frames):
        seen = Observation(frame, None, AnalysisOptions(), number / FPS, 1 / FPS)
        body.update(seen)
        found += [str(event.data.get("name", event.type)) for event in seen.events]
    return found


def held(seconds: float, **degrees: tuple[float, float, float]) -> list[Tracked]:
    return [tracked(posed(**UPRIGHT | degrees), hands=False)] * round(FPS * seconds)


def test_somebody_who_slouches_and_sits_up_again() -> None:
    slouched = held(12, spine=(15, 0, 0), chest=(15, 0, 0))
    assert events([*held(8), *slouched, *held(8)]) == ["slouch", "upright"]


def test_a_head_that_goes_forward() -> None:
    forward = held(12, neck=(35, 0, 0), head=(-35, 0, 0))
    assert events([*held(8), *forward, *held(8)]) == ["forward_head", "upright"]


def test_somebody_who_leaves_is_lost() -> None:
    assert events([*held(2), *[NOBODY] * 3 * FPS]) == ["person_lost"]
    body = Body()
    seen = Observation(NOBODY, None, AnalysisOptions(), 0.0, 0.1)
    assert body.update(seen) == (False, None)
