"""Events to a real MQTT broker, Debian's mosquitto, that comes and goes; skipped where it is not to be had."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiomqtt
import orjson
import pytest

from mocast import retry_delays
from mocast.events.event_target import EventTarget, NotDelivered, SentEvent
from mocast.events.mqtt import MqttSender
from mocast.events.target_address import TargetAddress, parse_targets
from mocast.model.analysis import Event
from tests.mosquitto import broker, find_mosquitto
from tests.peers import HANG_S
from tests.polling import until
from tests.ports import free_port

MOSQUITTO = find_mosquitto()
pytestmark = pytest.mark.skipif(MOSQUITTO is None, reason="mosquitto is not to be had")
EVENT = Event("gesture", 9000, 1_767_323_045_678_000_000, 0, {"hand": "left", "gesture": "victory"})


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retry_delays, "FIRST_DELAY_S", 0.02)
    monkeypatch.setattr("mocast.events.event_target.LONGEST_DELAY_S", 0.1)


def address(port: int, more: str = "", user: str = "") -> TargetAddress:
    return parse_targets("mqtt", f"mqtt://{user}127.0.0.1:{port}{more}")[0]


@asynccontextmanager
async def listening(port: int) -> AsyncIterator["asyncio.Queue[aiomqtt.Message]"]:
    """What the broker hands on to somebody who asks for everything."""
    came: asyncio.Queue[aiomqtt.Message] = asyncio.Queue()

    async def listen(client: aiomqtt.Client) -> None:
        async for message in client.messages:
            came.put_nowait(message)

    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.subscribe("#", qos=1)
        task = asyncio.create_task(listen(client))
        yield came
        task.cancel()
        await asyncio.wait([task])


async def next_of(came: "asyncio.Queue[aiomqtt.Message]") -> tuple[str, bytes, bool]:
    async with asyncio.timeout(HANG_S):
        message = await came.get()
    assert isinstance(message.payload, bytes)
    return message.topic.value, message.payload, bool(message.retain)


async def test_an_event_is_published_by_room_and_type(tmp_path: Path) -> None:
    assert MOSQUITTO is not None
    port = free_port()
    with broker(MOSQUITTO, tmp_path, port):
        async with listening(port) as came:
            sender = MqttSender(address(port, "/home/camera"))
            await sender.open()
            await sender.send(SentEvent(EVENT, "studio"))
            assert await next_of(came) == ("home/camera/status", b"online", False)
            topic, payload, _ = await next_of(came)
            assert topic == "home/camera/studio/gesture"
            text = orjson.loads(payload)
            assert (text["room"], text["event"]["data"]) == ("studio", {"hand": "left", "gesture": "victory"})
            await sender.close()
            assert await next_of(came) == ("home/camera/status", b"offline", False)
        async with listening(port) as came:
            assert await next_of(came) == ("home/camera/status", b"offline", True), "who comes later is told"


async def test_a_server_that_dies_is_reported_by_the_broker(tmp_path: Path) -> None:
    assert MOSQUITTO is not None
    port = free_port()
    with broker(MOSQUITTO, tmp_path, port):
        async with listening(port) as came:
            sender = MqttSender(address(port))
            await sender.open()
            assert (await next_of(came))[1] == b"online"
            assert sender._client is not None
            sender._client._client.socket().close()  # without a word, as a process that is killed
            assert await next_of(came) == ("mocast/status", b"offline", False)
            await sender.close()


async def test_a_broker_that_restarts_gets_what_came_meanwhile(tmp_path: Path) -> None:
    assert MOSQUITTO is not None
    port = free_port()
    at = address(port)
    target = EventTarget(at, "mqtt-1", MqttSender(at))
    target.start()  # before the broker is there
    try:
        target.put(Event("rep", 1, 0), "main")
        with broker(MOSQUITTO, tmp_path, port):
            await until(lambda: target.count("delivered") == 1)
        target.put(Event("rep", 2, 0), "main")
        target.put(Event("rep", 3, 0), "main")
        await until(lambda: target.count("failed") > 1)
        with broker(MOSQUITTO, tmp_path, port):
            await until(lambda: target.count("delivered") == 3)
        assert target.count("dropped") == 0
    finally:
        await target.close()


async def test_a_wrong_password_is_a_failure_that_does_not_tell_it(tmp_path: Path) -> None:
    assert MOSQUITTO is not None
    port = free_port()
    passwords = tmp_path / "passwords"
    passwords.write_text("")
    with broker(MOSQUITTO, tmp_path, port, passwords):
        sender = MqttSender(address(port, user="me:hunter2@"))
        with pytest.raises(NotDelivered, match=r"(?i)not author") as raised:
            await sender.open()
        await sender.close()
    assert "hunter2" not in str(raised.value)
