"""From a room's texts over the WebSocket to triggers, for outputs that run elsewhere than the server."""

from collections.abc import Sequence
from typing import Final

import orjson

from mocast.outputs.triggers import Triggers
from mocast.wire import event_json

GESTURE_STREAMS: Final = "analysis,events"
"""What is asked for: of the analyses the newest counts, and says which gesture each hand shows; of events, each."""


class GestureTexts:
    """Tells triggers what each text says."""

    def __init__(self, triggers: Sequence[Triggers], person: int = 0) -> None:
        """``person``: whose gestures count."""
        self._triggers = triggers
        self._person = person

    def take(self, text: str) -> bool:
        """Tell of an analysis's hands, or of an event; return whether the text is one of these."""
        event = event_json.decode(text)
        if event is not None:
            for triggers in self._triggers if event.person == self._person else ():
                triggers.see_event(event)
            return True
        try:
            said = orjson.loads(text)
            if said["type"] != "analysis":
                return False
            hands = [_gesture(said.get(name)) for name in ("left_hand", "right_hand")]
        except (LookupError, TypeError, ValueError):
            return False
        for triggers in self._triggers if said.get("person", 0) == self._person else ():
            triggers.see_hands(*hands)
        return True


def _gesture(hand: object) -> str | None:
    gesture = hand.get("gesture") if isinstance(hand, dict) else None
    return gesture if isinstance(gesture, str) else None
