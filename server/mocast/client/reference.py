"""A pose or a motion that a person is compared with, as the server takes it."""

from collections.abc import Sequence
from typing import Any, Final

from mocast.client.landmark_frame import LandmarkFrame, NamedLandmarks, PersonLandmarks
from mocast.model.pts import PTS_PER_S

POSES_PER_S: Final = 15
"""As many of a motion are compared: docs/analysis.md."""
MOST_POSES: Final = 300
"""That a server takes of a motion."""


def reference_json(reference: PersonLandmarks | Sequence[LandmarkFrame]) -> dict[str, Any]:
    """Return a pose, or a motion by its frames. Raises ``ValueError`` where no body is in it."""
    if isinstance(reference, PersonLandmarks):
        if reference.pose is None:
            raise ValueError("a reference needs a body: no pose was found")
        return _pose(reference.pose)
    seen = [frame for frame in reference if frame.pose is not None]
    if not seen:
        raise ValueError("a reference needs a body: no pose was found in any frame")
    at_s = [(frame.pts - seen[0].pts) % 2**32 / PTS_PER_S for frame in seen]
    per_s = min(POSES_PER_S, (MOST_POSES - 1) / max(at_s[-1], 1))
    first_of = {int(at * per_s + 0.01): index for index, at in reversed(list(enumerate(at_s)))}
    return {"motion": [{"at": at_s[index], **_pose(seen[index].pose)} for index in sorted(first_of.values())]}


def _pose(pose: NamedLandmarks | None) -> dict[str, Any]:
    assert pose is not None
    return {"world": pose.world, "visibility": pose.visibility}
