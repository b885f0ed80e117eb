"""The data channels on fakes: what is dropped, what is answered, and that nothing gets stuck."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import orjson
import pytest

from mocast.media.channels import (
    MAX_BUFFERED_BYTES,
    MAX_CONTROL_BYTES,
    MAX_WAITING_COMMANDS,
    ControlChannel,
    LandmarkSink,
)
from mocast.model.tracked import Pose, Tracked
from mocast.pipeline.stats import Statistics
from mocast.wire import landmarks_binary


class FakeChannel:
    """A data channel that keeps what is sent."""

    def __init__(self, protocol: str = "") -> None:
        self.protocol = protocol
        self.readyState = "open"
        self.bufferedAmount = 0
        self.sent: list[Any] = []
        self.receive: Callable[[Any], None] = lambda _: None

    def send(self, message: Any) -> None:
        self.sent.append(message)

    def on(self, event: str, handler: Callable[[Any], None]) -> None:
        assert event == "message"
        self.receive = handler

    @property
    def messages(self) -> list[dict[str, Any]]:
        return [orjson.loads(message) for message in self.sent]


def tracked(number: int) -> Tracked:
    pose = Pose(np.zeros((33, 3), np.float32), np.zeros((33, 3), np.float32), np.ones(33, np.float32))
    return Tracked(number, 3000 * number, 0, (640, 480), pose=pose)


def attached(sink: LandmarkSink, protocol: str = "") -> FakeChannel:
    sink.statistics = Statistics()
    channel = FakeChannel(protocol)
    sink.attach(channel)  # type: ignore[arg-type]
    return channel


def counts(sink: LandmarkSink) -> tuple[int, int]:
    assert sink.statistics is not None
    return sink.statistics.totals.landmarks_sent, sink.statistics.totals.landmarks_dropped


@pytest.mark.parametrize(
    ("protocol", "default", "expected"),
    [
        ("", "binary", bytes),
        ("", "json", str),
        ("mocast.landmarks.v1+json", "binary", str),
        ("mocast.landmarks.v1+binary", "json", bytes),
        ("something else", "json", str),
    ],
)
async def test_the_channels_sub_protocol_names_the_format(protocol: str, default: Any, expected: type) -> None:
    sink = LandmarkSink(default)
    channel = attached(sink, protocol)
    sink.send(tracked(1))
    await asyncio.sleep(0)
    assert isinstance(channel.sent[0], expected)
    assert counts(sink) == (1, 0)


async def test_without_an_open_channel_nothing_is_made_and_nothing_counted() -> None:
    sink = LandmarkSink("binary")
    sink.send(tracked(0))
    channel = attached(sink)
    channel.readyState = "closing"
    sink.send(tracked(1))
    channel.readyState = "open"
    sink.close()
    sink.send(tracked(2))
    await asyncio.sleep(0)
    assert channel.sent == []
    assert counts(sink) == (0, 0)


async def test_a_loop_that_is_late_sends_the_newest_frame_and_the_older_ones_count_as_dropped() -> None:
    sink = LandmarkSink("binary")
    channel = attached(sink)
    for number in range(5):
        sink.send(tracked(number))
    await asyncio.sleep(0)
    decoded = landmarks_binary.decode(channel.sent)
    assert decoded is not None
    assert decoded.frame == 4
    assert counts(sink) == (1, 4)


async def test_a_clogged_channel_drops_whole_frames() -> None:
    sink = LandmarkSink("binary")
    channel = attached(sink)
    channel.bufferedAmount = MAX_BUFFERED_BYTES + 1
    sink.send(tracked(0))
    await asyncio.sleep(0)
    assert channel.sent == []
    channel.bufferedAmount = 0
    sink.send(tracked(1))
    await asyncio.sleep(0)
    assert counts(sink) == (1, 1)


async def test_a_channel_that_closes_before_the_loop_gets_there_is_left_alone() -> None:
    sink = LandmarkSink("binary")
    channel = attached(sink)
    sink.send(tracked(0))
    channel.readyState = "closed"
    await asyncio.sleep(0)
    assert channel.sent == []
    channel.readyState = "open"
    sink.send(tracked(1))
    await asyncio.sleep(0)
    assert len(channel.sent) == 1, "and is served again when it is back"


async def test_threads_and_loop_together_lose_no_frame_uncounted_and_never_get_stuck() -> None:
    sink = LandmarkSink("binary")
    channel = attached(sink)
    per_thread, threads = 3_000, 2

    def work() -> None:
        for number in range(per_thread):
            sink.send(tracked(number))

    workers = [threading.Thread(target=work) for _ in range(threads)]
    for worker in workers:
        worker.start()
    await asyncio.gather(*(asyncio.to_thread(worker.join) for worker in workers))
    await asyncio.sleep(0)
    assert sum(counts(sink)) == per_thread * threads
    before = len(channel.sent)
    sink.send(tracked(9_999))
    await asyncio.sleep(0)
    assert len(channel.sent) == before + 1


def control() -> tuple[ControlChannel, FakeChannel]:
    opened: list[bool] = []
    channel, fake = ControlChannel(lambda: opened.append(True)), FakeChannel()
    channel.attach(fake)  # type: ignore[arg-type]
    assert opened == [True]
    return channel, fake


@pytest.mark.parametrize(
    ("message", "status"),
    [
        ("not json", 400),
        ("", 400),
        (b"\xff\x00", 400),
        ("[]", 400),
        ("7", 400),
        ("null", 400),
        ('{"type": 7}', 400),
        ('{"id": 1}', 400),
        ("[" * 5000, 400),
        ('{"type": "' + "x" * MAX_CONTROL_BYTES + '"}', 413),
    ],
)
async def test_a_malformed_message_is_answered_and_nothing_is_done(message: str | bytes, status: int) -> None:
    channel, fake = control()
    fake.receive(message)
    assert channel.commands.empty()
    (answer,) = fake.messages
    assert (answer["type"], answer["status"]) == ("problem", status)


async def test_a_flood_of_commands_is_refused_beyond_a_short_queue() -> None:
    channel, fake = control()
    for number in range(MAX_WAITING_COMMANDS + 3):
        fake.receive(orjson.dumps({"type": "ping", "id": number}))
    assert channel.commands.qsize() == MAX_WAITING_COMMANDS
    assert [(answer["status"], answer["id"]) for answer in fake.messages] == [
        (429, MAX_WAITING_COMMANDS + extra) for extra in range(3)
    ]


async def test_a_client_that_does_not_read_is_not_written_to() -> None:
    channel, fake = control()
    fake.bufferedAmount = MAX_BUFFERED_BYTES
    channel.send({"type": "notice"})
    assert fake.sent == []
    fake.bufferedAmount, fake.readyState = 0, "closed"
    channel.send({"type": "notice"})
    assert fake.sent == []
    ControlChannel(lambda: None).send({"type": "notice"})
