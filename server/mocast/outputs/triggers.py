"""Triggers: from gestures, expressions and events to hotkeys, blend shapes and keys, once each time they are shown."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from annotated_types import Interval, Len, doc

from mocast.model.analysis import Analysis, Event, EventType
from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES, Expression, Shape
from mocast.model.rig import Rig

Hand = Literal["any", "left", "right", "both"]
Press = Literal["tap", "hold"]

STALE_S: Final = 1.0
"""What was last seen longer ago counts as gone: nobody publishes, or the connection is lost."""

Name = Annotated[str, Len(1, 64)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """One entry of a mapping file: one condition, and what it does. ``check`` says what else must hold."""

    gesture: Annotated[Name | None, doc("A hand's gesture, such as `victory`, or one of your own by its name.")] = None
    hand: Annotated[Hand, doc("The subject's own hand that shows the gesture. `both`: each of them.")] = "any"
    expression: Annotated[Name | None, doc("An expression of VRM's: `happy`, `blinkLeft` and others.")] = None
    shape: Annotated[Name | None, doc("A blend shape of ARKit's: `mouthPucker` and others.")] = None
    event: Annotated[EventType | None, doc("Something that happens at once: `rep`, `head`, `fall` and others.")] = None
    name: Annotated[Name | None, doc("Of an event's data, a value that it must have: `squat`, `nod`.")] = None
    above: Annotated[float, Interval(gt=0, le=1), doc("An expression or a shape is on from this value on...")] = 0.6
    below: Annotated[
        Annotated[float, Interval(gt=0, le=1)] | None,
        doc("...until it is below this one. Without it: 0.15 less than `above`, but not less than half of it."),
    ] = None
    hold: Annotated[float, Interval(ge=0, le=10), doc("Seconds that it must last before it counts.")] = 0.1
    release: Annotated[float, Interval(ge=0, le=10), doc("Seconds that it must be gone before it is over.")] = 0.3
    cooldown: Annotated[float, Interval(ge=0, le=3600), doc("Least seconds from one time to the next.")] = 0.0
    last: Annotated[
        float,
        Interval(gt=0, le=60),
        doc("Seconds that an event counts as lasting, for `blend`, `hotkey_end`, `hold`."),
    ] = 1.0
    hotkey: Annotated[Name | None, doc("VTube Studio: name or id of the hotkey that is triggered, once.")] = None
    hotkey_end: Annotated[Name | None, doc("VTube Studio: the same when it is over.")] = None
    blend: Annotated[Name | None, doc("VMC: name of the blend shape that is raised while it lasts.")] = None
    value: Annotated[float, Interval(gt=0, le=1), doc("What the blend shape is raised to, at least.")] = 1.0
    key: Annotated[Name | None, doc("`mocast keys`: a key, such as `f13` or `ctrl+shift+1`.")] = None
    press: Annotated[Press, doc("`tap`: the key is pressed and let go at once. `hold`: while it lasts.")] = "tap"

    @property
    def until(self) -> float:
        """The value below which it is over."""
        return max(self.above - 0.15, self.above / 2) if self.below is None else self.below

    @property
    def condition(self) -> str:
        """What it waits for, for people to read."""
        kind, name = next((kind, name) for kind in CONDITIONS if (name := getattr(self, kind)) is not None)
        more = f" ({self.hand} hand)" if kind == "gesture" and self.hand != "any" else ""
        return f"{kind} {name}{f' {self.name}' if self.name else ''}{more}"


CONDITIONS: Final = ("gesture", "expression", "shape", "event")
ACTIONS: Final = ("hotkey", "hotkey_end", "blend", "key")


def check(trigger: Trigger) -> None:
    """Raise ``ValueError``, with a sentence, where a trigger's options do not go together."""
    conditions = [kind for kind in CONDITIONS if getattr(trigger, kind) is not None]
    if len(conditions) != 1:
        raise ValueError(f"A trigger has one condition of {', '.join(CONDITIONS)}; this has {_listed(conditions)}.")
    if all(getattr(trigger, action) is None for action in ACTIONS):
        raise ValueError(f"A trigger does something: {', '.join(ACTIONS)}.")
    for kind, names in (("expression", EXPRESSION_NAMES), ("shape", SHAPE_NAMES)):
        name = getattr(trigger, kind)
        if name is not None and name not in names:
            raise ValueError(f'There is no {kind} "{name}"; there are {", ".join(names)}.')
    if trigger.until > trigger.above:
        raise ValueError(f"Its below ({trigger.below:g}) is more than its above ({trigger.above:g}).")
    if trigger.name is not None and trigger.event is None:
        raise ValueError("Only an event has a name beside it.")


def _listed(words: Sequence[str]) -> str:
    return " and ".join(words) or "none"


OnChange = Callable[[Trigger, bool], None]
"""Called with a trigger that is on, or over; on the thread that told the news."""


class Triggers:
    """The state of each trigger of a mapping; ``on_change`` is called when one begins or is over.

    A gesture triggers once, however long it is shown, and again when it was gone for ``release`` seconds. Used from
    any thread.
    """

    def __init__(
        self, triggers: Iterable[Trigger], on_change: OnChange, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._on_change = on_change
        self._clock = clock
        self._states = [_State(trigger) for trigger in triggers]
        self._telling = threading.Lock()
        self.wants_analyses = any(state.trigger.gesture or state.trigger.event for state in self._states)
        "Whether gestures or events are among the conditions."
        self.wants_rigs = any(state.trigger.expression or state.trigger.shape for state in self._states)
        "Whether expressions or shapes are."

    def see_rig(self, rig: Rig) -> None:
        """Take a frame's expressions and shapes; without a face there are none."""
        self._update(lambda trigger: _level_in_rig(trigger, rig))

    def see_analysis(self, analysis: Analysis) -> None:
        """Take a frame's gestures and events."""
        hands = (analysis.left_hand, analysis.right_hand)
        self.see_hands(*(hand.gesture if hand is not None else None for hand in hands))
        for event in analysis.events:
            self.see_event(event)

    def see_hands(self, left: str | None, right: str | None) -> None:
        """Take the gesture that each hand shows."""
        self._update(lambda trigger: _level_in_hands(trigger, left, right))

    def see_event(self, event: Event) -> None:
        """Take an event: what it triggers is on for ``last`` seconds."""
        now_s = self._clock()
        with self._telling:
            for state in self._states:
                if state.trigger.event == event.type and _is_named(state.trigger, event.data):
                    if state.is_on and state.end():
                        self._on_change(state.trigger, False)
                    if state.begin(now_s):
                        self._on_change(state.trigger, True)

    def tick(self) -> None:
        """End what has not been seen for a while. Every other method does so, too."""
        self._update(lambda _: None)

    def end(self) -> None:
        """End all that is on."""
        with self._telling:
            for state in self._states:
                if state.end():
                    self._on_change(state.trigger, False)

    def _update(self, level: Callable[[Trigger], float | None]) -> None:
        """Go on to now. ``level``: 0..1, or ``None`` where the news says nothing of a trigger's condition."""
        if not self._states:
            return
        now_s = self._clock()
        with self._telling:
            for state in self._states:
                if (is_on := state.update(level(state.trigger), now_s)) is not None:
                    self._on_change(state.trigger, is_on)


class _State:
    """The state of one trigger. A beginning within the cooldown is not told, and so is not its end."""

    def __init__(self, trigger: Trigger) -> None:
        self.trigger = trigger
        self.is_on = False
        self._is_told = False
        self._level = 0.0
        self._seen_at_s = float("-inf")
        self._changing_since_s: float | None = None
        self._began_at_s = float("-inf")

    def update(self, level: float | None, now_s: float) -> bool | None:
        """Go on to now; return what is to be told: ``True`` that it is on, ``False`` that it is over."""
        if self.trigger.event is not None:
            is_over = self.is_on and now_s - self._began_at_s >= self.trigger.last
            return False if is_over and self.end() else None
        if level is not None:
            self._level, self._seen_at_s = level, now_s
        elif now_s - self._seen_at_s > STALE_S:
            self._level = 0.0
        wanted = self._level >= (self.trigger.until if self.is_on else self.trigger.above)
        if wanted == self.is_on:
            self._changing_since_s = None
            return None
        if self._changing_since_s is None:
            self._changing_since_s = now_s
        if now_s - self._changing_since_s < (self.trigger.hold if wanted else self.trigger.release):
            return None
        self._changing_since_s = None
        if wanted:
            return True if self.begin(now_s) else None
        return False if self.end() else None

    def begin(self, now_s: float) -> bool:
        """Be on; return whether that is told: not within the cooldown, so that a long gesture does not count late."""
        self.is_on = True
        self._is_told = now_s - self._began_at_s >= self.trigger.cooldown
        if self._is_told:
            self._began_at_s = now_s
        return self._is_told

    def end(self) -> bool:
        """Be over; return whether that is told. What is still shown counts anew when it is seen again."""
        was_told, self.is_on, self._is_told = self._is_told, False, False
        self._level, self._changing_since_s = 0.0, None
        return was_told


def _level_in_rig(trigger: Trigger, rig: Rig) -> float | None:
    if trigger.expression is not None:
        return float(rig.expressions[EXPRESSION_INDEX[trigger.expression]]) if rig.found.face else 0.0
    if trigger.shape is not None:
        return float(rig.shapes[SHAPE_INDEX[trigger.shape]]) if rig.found.face else 0.0
    return None


EXPRESSION_INDEX: Final = dict(zip(EXPRESSION_NAMES, Expression, strict=True))
SHAPE_INDEX: Final = dict(zip(SHAPE_NAMES, Shape, strict=True))


def _level_in_hands(trigger: Trigger, left: str | None, right: str | None) -> float | None:
    if trigger.gesture is None:
        return None
    shown = {"left": left == trigger.gesture, "right": right == trigger.gesture}
    match trigger.hand:
        case "any":
            return float(any(shown.values()))
        case "both":
            return float(all(shown.values()))
        case hand:
            return float(shown[hand])


def _is_named(trigger: Trigger, data: Mapping[str, Any]) -> bool:
    return trigger.name is None or trigger.name in data.values()
