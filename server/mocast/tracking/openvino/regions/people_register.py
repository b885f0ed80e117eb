"""The register of people: who is tracked where, who has left, whose each body is. Own work; see docs/tracking.md."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Final

from mocast.tracking.openvino.regions.person_matching import SURE_GAIN, Arrival, Remembered, assign, gain_of_exchange
from mocast.tracking.openvino.regions.torso import Colours, Torso, colour_distance

LINGER_US: Final = 2_000_000
"""For how long somebody who was lost is still told of, as not found, so that rigs come to rest."""
SOON_US: Final = 2_000_000
"""For how long after somebody was lost they may be back at any moment, as they were behind another one."""
REMEMBERED_US: Final = 300_000_000
"""For how long whoever has left keeps their index, while another one is free."""
NEAR: Final = 1.5
"""Distance, in lengths of the torso, below which one of two people may hide the other."""
CHECKED_US: Final = 1_000_000
"""For how long after two people were near each other it is checked whether both still have their own index."""
MISSED_US: Final = 10_000_000
"""For how long after somebody was lost the same is checked of those who are there: one may have got the lost one's
body."""
SURE_FRAMES: Final = 3
"""Frames in a row in which two people fit better the other way round, before they exchange their indices."""
COLOURS_EVERY: Final = 6
"""Frames between two looks at the clothes of somebody who stands alone."""
COLOURS_GAIN: Final = 0.1
"""Weight of a look in the moving average, once there were some."""

Look = Callable[[Torso], Colours | None]
"""Returns the colours of the clothes that are at a place in the frame; ``None`` where they cannot be told."""


@dataclass(slots=True, eq=False)
class _Person:
    is_tracked: bool = False
    torso: Torso | None = None
    "Where they were seen last."
    seen_us: int = 0
    "When."
    near_us: int | None = None
    "When they last were near somebody else."
    frames: int = 0
    "In which they were found."
    looks: int = 0
    "At their clothes, from which these were learnt."
    colours: Colours | None = None
    "Of their clothes, averaged while nobody is near."

    def learn(self, newest: Colours) -> None:
        """Average the colours with those of a frame."""
        self.looks += 1
        before = newest if self.colours is None else self.colours
        self.colours = before + max(COLOURS_GAIN, 1 / (self.looks + 1)) * (newest - before)


class PeopleRegister:
    """Knows the people of one stream by their indices. Times are those of its frames, microseconds."""

    def __init__(self, count: int) -> None:
        """``count``: how many indices there are."""
        self._people = [_Person() for _ in range(count)]
        self._doubts: dict[tuple[int, int], int] = {}
        "Frames in a row in which two people fitted better the other way round."

    def reset(self) -> None:
        """Forget everybody."""
        self._people = [_Person() for _ in self._people]
        self._doubts.clear()

    @property
    def tracked(self) -> list[int]:
        """Who is tracked."""
        return [index for index, person in enumerate(self._people) if person.is_tracked]

    @property
    def free(self) -> list[int]:
        """The indices of nobody who is tracked."""
        return [index for index, person in enumerate(self._people) if not person.is_tracked]

    def was_lost_just_now(self, time_us: int) -> bool:
        """Return whether anybody was."""
        return any(time_us - self._people[index].seen_us < SOON_US for index in self.free if self._people[index].torso)

    def missing(self, time_us: int) -> Iterator[int]:
        """Yield who is told of though not found: who was lost a moment ago, and person 0."""
        for index in self.free:
            person = self._people[index]
            if index == 0 or (person.torso is not None and time_us - person.seen_us <= LINGER_US):
                yield index

    def whose(self, torso: Torso) -> int | None:
        """Return the index of whoever is tracked there."""
        for index in self.tracked:
            own = self._people[index].torso
            if own is not None and own.is_same(torso):
                return index
        return None

    def follow(self, now: Mapping[int, Torso | None], time_us: int, look: Look) -> None:
        """Note where those are who were tracked in this frame; ``None``: they are lost.

        Of two who have one body, the one whose clothes it does not wear is lost, else the one who jumped farther.
        """
        for index, torso in now.items():
            if torso is None:
                self.lose(index)
        for one, other in combinations(self.tracked, 2):
            places = [now.get(index) or self._people[index].torso for index in (one, other)]
            if self._are_tracked(one, other) and places[0] and places[1] and places[0].is_same(places[1]):
                self.lose(max(one, other, key=lambda index: self._strangeness(index, now.get(index), look)))
        for index, torso in now.items():
            if torso is not None and self._people[index].is_tracked:
                self._see(index, torso, time_us)

    def lose(self, index: int) -> None:
        """Note that somebody is tracked no longer. Where they were seen last stays known."""
        self._people[index].is_tracked = False

    def assign(self, arrivals: Sequence[Arrival], time_us: int) -> list[tuple[int, bool]]:
        """Return for each arrival the free index that suits best, and whether it is somebody new; see ``enter``."""
        return assign(arrivals, [(index, self._remembered(index, time_us)) for index in self.free])

    def enter(self, index: int, arrival: Arrival, torso: Torso, time_us: int, *, is_new: bool) -> None:
        """Note that whoever arrived is tracked from now on, and is at ``torso``.

        Soon after somebody was lost, the colours that were known are kept: it may be somebody else's body that is
        tracked as another's, and ``exchanges`` tells that by them.
        """
        if is_new and not self._is_missed(index, time_us):
            self._people[index] = _Person(colours=arrival.colours)
        self._see(index, torso, time_us)

    def exchanges(self, found: Sequence[int], time_us: int, look: Look) -> list[tuple[int, int]]:
        """Return pairs of indices that changed hands: what is true of the one is true of the other from now on.

        ``found``: who was tracked in this frame. The clothes of those who stand alone are learnt; of those who were
        near somebody a moment ago, or while somebody is missing, they are compared.
        """
        missed = [index for index in self.free if self._is_missed(index, time_us)]
        seen: dict[int, Colours] = {}
        for index in found:
            person = self._people[index]
            near_us = CHECKED_US + 1 if person.near_us is None else time_us - person.near_us
            is_compared = 0 < near_us <= CHECKED_US or bool(missed and near_us)
            person.frames += 1
            is_learnt = not is_compared and near_us > CHECKED_US and person.frames % COLOURS_EVERY == 0
            colours = look(person.torso) if person.torso is not None and (is_compared or is_learnt) else None
            if colours is not None and is_compared:
                seen[index] = colours
            elif colours is not None:
                person.learn(colours)
        pairs = [(one, other) for one in seen for other in (*seen, *missed) if one < other or other in missed]
        return [pair for pair in pairs if self._exchange(*pair, seen)]

    def _exchange(self, one: int, other: int, seen: Mapping[int, Colours]) -> bool:
        """Exchange two people, of whom the first is tracked, where that has been better for long enough."""
        person, partner = self._people[one], self._people[other]
        if one not in seen or person.colours is None or partner.colours is None:
            return False
        gain = gain_of_exchange(seen[one], person.colours, partner.colours, seen.get(other))
        doubts = self._doubts.pop((one, other), 0) + 1 if gain > SURE_GAIN else 0
        if doubts < SURE_FRAMES:
            if doubts:
                self._doubts[one, other] = doubts
            return False
        self._people[one], self._people[other] = partner, person
        partner.colours, person.colours = person.colours, partner.colours
        self._doubts.clear()
        return True

    def _see(self, index: int, torso: Torso, time_us: int) -> None:
        person = self._people[index]
        person.is_tracked, person.torso, person.seen_us = True, torso, time_us
        for other in self._people:
            if other is not person and other.is_tracked and other.torso and torso.distance(other.torso) < NEAR:
                person.near_us = other.near_us = time_us

    def _are_tracked(self, *indices: int) -> bool:
        return all(self._people[index].is_tracked for index in indices)

    def _remembered(self, index: int, time_us: int) -> Remembered | None:
        person = self._people[index]
        lost_us = time_us - person.seen_us
        is_forgotten = person.torso is None or lost_us > REMEMBERED_US
        return None if is_forgotten or person.torso is None else Remembered(person.torso, person.colours, lost_us)

    def _is_missed(self, index: int, time_us: int) -> bool:
        person = self._people[index]
        return person.colours is not None and time_us - person.seen_us <= MISSED_US

    def _strangeness(self, index: int, torso: Torso | None, look: Look) -> tuple[int, float, int]:
        """Return how unlikely it is that a body is this person: by clothes, by how far they jumped, by the index."""
        person = self._people[index]
        place = torso or person.torso
        seen = look(place) if place is not None else None
        colour = 0.0 if seen is None or person.colours is None else colour_distance(seen, person.colours)
        jump = torso.distance(person.torso) if torso is not None and person.torso is not None else 0.0
        return round(colour / SURE_GAIN), jump, index
