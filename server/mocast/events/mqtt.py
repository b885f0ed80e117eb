"""Events to an MQTT broker, version 3.1.1, by aiomqtt: PREFIX/ROOM/TYPE; PREFIX/status says whether we are there."""

import asyncio
import contextlib
import importlib.util
import ssl
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from mocast.events.event_target import NotDelivered, SentEvent
from mocast.events.target_address import MQTT_PORTS, TargetAddress
from mocast.wire import event_json

if TYPE_CHECKING:
    import aiomqtt

TIMEOUT_S: Final = 10.0
KEEP_ALIVE_S: Final = 20
"""A broker that is not heard of for one and a half times this is lost."""
ONLINE, OFFLINE = "online", "offline"
"""As Home Assistant's availability topics have them by default."""


def is_installed() -> bool:
    """Return whether the library is there: the extra ``mqtt``."""
    return importlib.util.find_spec("aiomqtt") is not None


class MqttSender:
    """One connection to a broker."""

    def __init__(self, address: TargetAddress) -> None:
        self._address = address
        self._status_topic = f"{address.topic}/status"
        self._client: aiomqtt.Client | None = None
        self._opened: contextlib.AsyncExitStack | None = None
        self._lost: asyncio.Task[str] | None = None

    async def open(self) -> None:
        """Connect, and say that we are there. Raises ``NotDelivered``."""
        if self._client is not None:
            return
        import aiomqtt  # noqa: PLC0415 (an extra)

        opened = contextlib.AsyncExitStack()
        try:
            # Which reads the certificates that this machine trusts, from the disk.
            secure = self._address.split.scheme == "mqtts"
            tls = await asyncio.to_thread(ssl.create_default_context) if secure else None
            self._client = await opened.enter_async_context(self._made(tls))
            self._opened = opened
            self._lost = asyncio.create_task(_lost(self._client))
            await self._publish(self._status_topic, ONLINE, retain=True)
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            raise NotDelivered(f"the broker does not take the connection: {error}") from error

    async def send(self, sent: SentEvent) -> None:
        """Publish one event; with ``qos=1`` it is delivered when the broker says that it has it."""
        import aiomqtt  # noqa: PLC0415

        topic = f"{self._address.topic}/{sent.room}/{sent.event.type}"
        try:
            await self._publish(topic, event_json.encode(sent.event, sent.room))
        except (aiomqtt.MqttError, OSError, ValueError) as error:
            raise NotDelivered(f"the broker does not take the event: {error}") from error

    async def lost(self) -> str:
        """Wait until the broker is gone."""
        assert self._lost is not None
        return await asyncio.shield(self._lost)

    async def close(self) -> None:
        """Say that we leave, and disconnect."""
        opened, self._opened = self._opened, None
        if self._lost is not None:
            self._lost.cancel()
        if opened is None:
            return
        with contextlib.suppress(Exception):  # it is gone already
            async with asyncio.timeout(1):
                await self._publish(self._status_topic, OFFLINE, retain=True)
        self._client = None
        with contextlib.suppress(Exception):
            async with asyncio.timeout(1):
                await opened.aclose()

    async def _publish(self, topic: str, text: str, *, retain: bool = False) -> None:
        assert self._client is not None
        await self._client.publish(topic, text, qos=self._address.options.qos, retain=retain, timeout=TIMEOUT_S)

    def _made(self, tls: ssl.SSLContext | None) -> "aiomqtt.Client":
        import aiomqtt  # noqa: PLC0415

        address = self._address.split
        return aiomqtt.Client(
            address.hostname or "",
            address.port or MQTT_PORTS[address.scheme],
            username=unquote(address.username) if address.username else None,
            password=unquote(address.password) if address.password else None,
            keepalive=KEEP_ALIVE_S,
            timeout=TIMEOUT_S,
            max_queued_outgoing_messages=1,
            will=aiomqtt.Will(self._status_topic, OFFLINE, qos=1, retain=True),
            tls_context=tls,
        )


async def _lost(client: "aiomqtt.Client") -> str:
    """Return why the connection was lost, when it is. Nothing is subscribed to, so nothing comes in."""
    import aiomqtt  # noqa: PLC0415

    try:
        async for _ in client.messages:
            pass
    except aiomqtt.MqttError:
        pass
    return "the broker ended the connection"
