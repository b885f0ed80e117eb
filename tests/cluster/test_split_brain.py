"""Nodes that are stopped for longer than their lease: who has a room meanwhile, and who gives it up."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import IO

import pytest

from tests.redis_server import RedisServer


class Claimant:
    """A node in a process of its own."""

    def __init__(self, url: str, name: str) -> None:
        command = [sys.executable, "-m", "tests.cluster.claimant", url, name]
        self.name = name
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.next_line() == "ready"

    def ask(self, room: str) -> None:
        self._pipe(self.process.stdin).write(f"{room}\n")
        self._pipe(self.process.stdin).flush()

    def next_line(self) -> str:
        """What it writes next, without the lines of its log."""
        while line := self._pipe(self.process.stdout).readline():
            if line.split(" ", 1)[0].strip() in {"ready", "here", "at", "lost"}:
                return line.strip()
        raise AssertionError(f"{self.name} ended")

    def acquire(self, room: str) -> tuple[str, int]:
        """Where a room is for this node, and its token."""
        self.ask(room)
        return self.answer(self.next_line())

    def answer(self, line: str) -> tuple[str, int]:
        where, token = line.rsplit(" ", 1)
        return (self.name if where.startswith("here ") else where.split(" ")[1]), int(token)

    def send_signal(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    @staticmethod
    def _pipe(pipe: IO[str] | None) -> IO[str]:
        assert pipe is not None
        return pipe


@pytest.fixture
def start(redis_server: RedisServer) -> Iterator[Callable[[str], Claimant]]:
    started: list[Claimant] = []

    def started_one(name: str) -> Claimant:
        started.append(Claimant(redis_server.url, name))
        return started[-1]

    yield started_one
    for claimant in started:
        claimant.process.kill()
        claimant.process.communicate()


def until_elsewhere(asked: Claimant, room: str, *, than: str) -> tuple[str, int]:
    """Where a room is when its owner's lease has ended. Each question waits for an answer of Redis."""
    while (found := asked.acquire(room))[0] == than:
        pass
    return found


def test_a_node_that_was_stopped_gives_up_what_another_took(start: Callable[[str], Claimant]) -> None:
    old, one, two = map(start, ("old", "one", "two"))
    rooms = [f"room-{i}" for i in range(12)]
    places = {room: two.acquire(room) for room in rooms}  # which came last, and was told of all
    room = next(room for room, (name, _) in places.items() if name == "old")
    assert old.acquire(room) == places[room]
    kept = next(room for room, (name, _) in places.items() if name != "old")
    old.send_signal(signal.SIGSTOP)
    found = until_elsewhere(one, room, than="old")
    assert found[0] in {"one", "two"}
    assert found[1] > places[room][1], "the new owner's token is larger"
    assert two.acquire(room) == found
    assert two.acquire(kept)[0] == places[kept][0], "what others have stays"
    old.send_signal(signal.SIGCONT)
    assert old.next_line() == f"lost {room}"
    assert old.acquire(room) == found
    assert one.acquire(room) == found, "it stays with the new owner"


def test_of_two_that_claim_at_the_same_time_one_has_the_room(start: Callable[[str], Claimant]) -> None:
    old, one, two = map(start, ("old", "one", "two"))
    rooms = [f"room-{i}" for i in range(12)]
    places = {room: old.acquire(room) for room in rooms}
    room = next(room for room, (name, _) in places.items() if name == "old")
    old.send_signal(signal.SIGSTOP)
    while True:
        one.ask(room)
        two.ask(room)
        answers = [each.answer(each.next_line()) for each in (one, two)]
        if all(name != "old" for name, _ in answers):
            break
    assert answers[0] == answers[1]


def test_nobody_takes_a_room_before_its_lease_ends(start: Callable[[str], Claimant]) -> None:
    old, one = map(start, ("old", "one"))
    places = {room: old.acquire(room) for room in (f"room-{i}" for i in range(12))}
    room = next(room for room, (name, _) in places.items() if name == "old")
    for _ in range(3):
        old.send_signal(signal.SIGSTOP)
        assert one.acquire(room)[0] == "old"
        old.send_signal(signal.SIGCONT)
    assert old.acquire(room) == places[room]
