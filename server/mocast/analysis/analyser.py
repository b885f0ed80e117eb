"""The analyser: from one stream's landmarks and rigs to its analyses, frame by frame."""

import numpy as np

from mocast.analysis.angle_measures import Angles
from mocast.analysis.body_measures import Body
from mocast.analysis.custom_gestures import CustomGestures
from mocast.analysis.exercise_files import Exercises, built_in_exercises
from mocast.analysis.hand_measures import Hands
from mocast.analysis.head_measures import Head
from mocast.analysis.observation import Observation
from mocast.analysis.reference_similarity import ReferenceSimilarity
from mocast.analysis.repetitions import Repetitions, require_exercises
from mocast.model.analysis import Analysis
from mocast.model.camera_rays import FIELD_OF_VIEW_DEG, picture_scale
from mocast.model.frame_timer import FrameTimer
from mocast.model.gestures import CustomGesture
from mocast.model.options import AnalysisOptions
from mocast.model.reference import Reference
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.model.visible_landmarks import VisibleLandmarks


class Analyser:
    """Analyses one stream. ``analyse`` is called from one thread at a time.

    Each measure is an object with one method ``update``, which takes the ``Observation`` of the next frame and returns
    its part of the ``Analysis``; events go to ``Observation.happened``. None of them raises, whatever the landmarks.
    """

    def __init__(self, options: AnalysisOptions, exercises: Exercises | None = None) -> None:
        """``exercises``: those that options may name, by default Mocast's own.

        Raises ``Unprocessable`` where options name another one.
        """
        self._exercises = exercises if exercises is not None else built_in_exercises()
        self._clock = FrameTimer()
        self._visible = VisibleLandmarks()
        self._angles = Angles()
        self._gestures: tuple[CustomGesture, ...] = ()
        self._hands = Hands()
        self._head = Head()
        self._body = Body()
        self._repetitions = Repetitions(self._exercises)
        self._similarity: ReferenceSimilarity | None = None
        self.field_of_view = FIELD_OF_VIEW_DEG
        "The camera's, across the longer side of the picture, degrees. May be replaced from any thread."
        require_exercises(options.exercises, self._exercises)
        self.options = options
        "May be replaced from any thread, by what ``require`` lets pass; in use from the next frame on."

    def require(self, options: AnalysisOptions) -> None:
        """Raise ``Unprocessable`` where options that a body changes name what there is not."""
        require_exercises(options.exercises, self._exercises, in_body=True)

    def reset(self) -> None:
        """Begin ranges of motion and counts anew with the next frame; from any thread."""
        self._angles = Angles()
        self._repetitions = Repetitions(self._exercises)

    @property
    def gestures(self) -> tuple[CustomGesture, ...]:
        """The custom gestures. May be replaced from any thread; in use from the next frame on."""
        return self._gestures

    @gestures.setter
    def gestures(self, gestures: tuple[CustomGesture, ...]) -> None:
        self._gestures, self._hands.custom = gestures, CustomGestures(gestures)

    @property
    def reference(self) -> Reference | None:
        """What the person is compared with. May be replaced from any thread; in use from the next frame on."""
        return self._similarity.reference if self._similarity else None

    @reference.setter
    def reference(self, reference: Reference | None) -> None:
        self._similarity = ReferenceSimilarity(reference) if reference else None

    def analyse(self, tracked: Tracked, rig: Rig | None) -> Analysis:
        """Return the analysis of the next frame, in which there need not be anybody."""
        step_s = self._clock.step_s(tracked.pts)
        pose = tracked.pose
        are_seen = self._visible.update(pose.visibility, pose.image) if pose else None
        scale = picture_scale(self.field_of_view)
        seen = Observation(tracked, rig, self.options, self._clock.now_s, step_s, are_seen, scale)
        with np.errstate(all="ignore"):  # numbers that are not finite give parts that are unknown
            angles, symmetry = self._angles.update(seen)
            left_hand, right_hand, zoom = self._hands.update(seen)
            head = self._head.update(seen)
            present, posture = self._body.update(seen)
            repetitions = self._repetitions.update(seen)
            compared = self._similarity
            similarity = compared.update(seen) if compared else None
        return Analysis(
            frame=tracked.frame,
            pts=tracked.pts,
            decoded_at_ns=tracked.decoded_at_ns,
            person=tracked.person,
            angles=angles,
            symmetry=symmetry,
            present=present,
            left_hand=left_hand,
            right_hand=right_hand,
            zoom=zoom,
            head=head,
            posture=posture,
            repetitions=repetitions,
            similarity=similarity,
            events=tuple(seen.events),
        )
