"""The analysers of several people: one for each, made when they come, as each counts repetitions of their own."""

from mocast.analysis.analyser import Analyser
from mocast.analysis.exercise_files import Exercises
from mocast.model.analysis import Analysis
from mocast.model.gestures import CustomGesture
from mocast.model.options import AnalysisOptions
from mocast.model.reference import Reference
from mocast.model.rig import Rig
from mocast.model.tracked import Tracked


class PersonAnalysers:
    """Analyses the people of one stream, by the same options, gestures and reference. Used as an ``Analyser``."""

    def __init__(self, options: AnalysisOptions, exercises: Exercises | None = None) -> None:
        """Raises ``Unprocessable`` where options name an exercise that there is not."""
        self._exercises = exercises
        self._first = Analyser(options, exercises)
        self._others: dict[int, Analyser] = {}

    @property
    def options(self) -> AnalysisOptions:
        """What is analysed. May be replaced from any thread, by what ``require`` lets pass."""
        return self._first.options

    @options.setter
    def options(self, options: AnalysisOptions) -> None:
        for analyser in self._all():
            analyser.options = options

    @property
    def field_of_view(self) -> float:
        """The camera's, across the longer side of the picture, degrees. May be replaced from any thread."""
        return self._first.field_of_view

    @field_of_view.setter
    def field_of_view(self, degrees: float) -> None:
        for analyser in self._all():
            analyser.field_of_view = degrees

    @property
    def gestures(self) -> tuple[CustomGesture, ...]:
        """The custom gestures. May be replaced from any thread."""
        return self._first.gestures

    @gestures.setter
    def gestures(self, gestures: tuple[CustomGesture, ...]) -> None:
        for analyser in self._all():
            analyser.gestures = gestures

    @property
    def reference(self) -> Reference | None:
        """What people are compared with. May be replaced from any thread."""
        return self._first.reference

    @reference.setter
    def reference(self, reference: Reference | None) -> None:
        for analyser in self._all():
            analyser.reference = reference

    def require(self, options: AnalysisOptions) -> None:
        """Raise ``Unprocessable`` where options that a body changes name what there is not."""
        self._first.require(options)

    def reset(self) -> None:
        """Begin ranges of motion and counts anew with the next frame; from any thread."""
        for analyser in self._all():
            analyser.reset()

    def analyse(self, tracked: Tracked, rig: Rig | None) -> Analysis:
        """Return the analysis of a person in the next frame."""
        analyser = self._first if tracked.person == 0 else self._others.get(tracked.person)
        if analyser is None:
            analyser = Analyser(self.options, self._exercises)
            analyser.gestures, analyser.reference = self.gestures, self.reference
            analyser.field_of_view = self.field_of_view
            self._others[tracked.person] = analyser
        return analyser.analyse(tracked, rig)

    def _all(self) -> tuple[Analyser, ...]:
        return (self._first, *self._others.values())
