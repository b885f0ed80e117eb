"""What a client sets of its publisher's analysis: custom gestures, a reference pose or motion, and beginning anew."""

import asyncio
from typing import Any, Protocol

from mocast.errors import Unprocessable
from mocast.model.gestures import CustomGesture, GesturesRequest
from mocast.model.options import AnalysisOptions
from mocast.model.reference import Reference, ReferenceMotion, ReferencePose, is_motion, read_motion
from mocast.pipeline.protocols import FrameAnalyser
from mocast.rooms.session import require_live
from mocast.validation import read_json, to_json


class LiveAnalyser(FrameAnalyser, Protocol):
    """An analyser whose options, camera, custom gestures and reference may change while it works, from any thread."""

    options: AnalysisOptions
    field_of_view: float
    gestures: tuple[CustomGesture, ...]
    reference: Reference | None

    def reset(self) -> None:
        """Begin ranges of motion and counts anew; from any thread."""

    def require(self, options: AnalysisOptions) -> None:
        """Raise ``Unprocessable`` where options that a body changes name an exercise that there is not."""


class PublisherAnalysis:
    """A publisher's custom gestures and reference, as the API and the channel ``control`` set and return them."""

    def __init__(self, analyser: LiveAnalyser, ending: asyncio.Event) -> None:
        """``ending``: set when the session ends."""
        self._analyser = analyser
        self._ending = ending

    @property
    def gestures(self) -> dict[str, Any]:
        """The custom gestures, as JSON."""
        return to_json(GesturesRequest(self._analyser.gestures))

    def set_gestures(self, asked: object) -> dict[str, Any]:
        """Replace the custom gestures and return them. Raises ``Unprocessable`` where one of them is not valid."""
        wanted = read_json(GesturesRequest, asked)
        require_live(self._ending)
        self._analyser.gestures = wanted.gestures
        return self.gestures

    @property
    def reference(self) -> dict[str, Any] | None:
        """The reference pose as JSON, or the summary of the reference motion; ``None``: there is neither."""
        reference = self._analyser.reference
        if isinstance(reference, ReferenceMotion):
            return reference.summary()
        return to_json(reference) if reference else None

    def set_reference(self, value: object) -> dict[str, Any] | None:
        """Compare the person with a pose or motion; ``None``: with none. Raises ``Unprocessable`` where it is neither.

        Call it in a worker thread for a motion, which takes 20 ms to read.
        """
        wanted = None if value is None else read_motion(value) if is_motion(value) else read_json(ReferencePose, value)
        require_live(self._ending)
        self._analyser.reference = wanted
        return self.reference

    def reset(self) -> None:
        """Begin ranges of motion and counts of exercises anew."""
        require_live(self._ending)
        self._analyser.reset()

    def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        """Answer ``gestures``, ``reference`` or ``reset``. Raises ``Unprocessable`` where the value is not valid."""
        match command["type"]:
            case "gestures" if "gestures" not in command:
                raise Unprocessable('The "gestures" must be a list of custom gestures; an empty one forgets all.')
            case "gestures":
                return {"type": "gestures", **self.set_gestures({"gestures": command["gestures"]})}
            case "reference" if "reference" not in command:
                raise Unprocessable('The "reference" must be a pose, or null to forget it.')
            case "reference" if is_motion(command["reference"]):
                raise Unprocessable("A motion to compare with is sent over HTTP: it takes long to read.")
            case "reference":
                return {"type": "reference", "reference": self.set_reference(command["reference"])}
        self.reset()
        return {"type": "reset"}
