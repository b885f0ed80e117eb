"""What every measure is given of one frame."""

import time
from dataclasses import dataclass, field

from mocast.model.analysis import Event, EventType
from mocast.model.options import AnalysisOptions
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.model.visible_landmarks import Flags


@dataclass(frozen=True, slots=True, eq=False)
class Observation:
    """One person in one frame, as the measures see it. Nothing that is found in it need be finite or plausible."""

    tracked: Tracked
    rig: Rig | None
    "``None`` where it failed."
    options: AnalysisOptions
    now_s: float
    "Seconds of the stream's own time; they grow with every frame, whatever the timestamps do."
    step_s: float
    "Seconds since the frame before, above 0."
    are_seen: Flags | None = None
    "(33,): which landmarks of the pose count; ``None`` where there is no pose."
    picture_scale: float = 1.0
    "Of the camera, by its field of view: see ``camera_rays``."
    events: list[Event] = field(default_factory=list)
    "What happened in this frame so far."

    def happened(self, event: EventType, **data: str | float | int | bool) -> None:
        """Note an event of this frame."""
        self.events.append(Event(event, self.tracked.pts, time.time_ns(), self.tracked.person, data))
