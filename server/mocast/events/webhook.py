"""Webhooks: an event is a POST of JSON, signed as Standard Webhooks says.

Source: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import asyncio
import base64
import contextlib
import hashlib
import hmac
import socket
import time
from http import HTTPStatus
from typing import Any, Final

import aiohttp
import orjson
from aiohttp import hdrs

from mocast import __version__
from mocast.errors import system_reason
from mocast.events.event_target import NotDelivered, SentEvent, TargetGone
from mocast.events.target_address import TargetAddress
from mocast.wire import analysis_json

TIMEOUT_S: Final = 15.0
"""For the whole answer. The specification recommends 15 to 30 s."""

ANSWER_BYTES: Final = 4_096
"""That the system keeps of an answer, or twice as many. No more than its head is read."""


def body_of(sent: SentEvent) -> bytes:
    """Return an event as the body of a webhook: ``type``, ``timestamp`` and ``data``."""
    event = analysis_json.event(sent.event)
    kind, at, data = event.pop("type"), event.pop("at"), event.pop("data")
    return orjson.dumps({"type": kind, "timestamp": at, "data": {"room": sent.room, **event, **data}})


def signature(key: bytes, id: str, timestamp: int, body: bytes) -> str:
    """Return the signature of a message, HMAC-SHA256, as the header has it."""
    signed = b".".join((id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


class WebhookSender:
    """Posts events to one address. Redirects are not followed: only the operator says where the server connects to."""

    def __init__(self, address: TargetAddress, key: bytes | None) -> None:
        """``key``: of the signatures; without one there are none."""
        self._url = address.url
        self._key = key
        self._http: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Make the client; a connection is made when the first event is sent."""
        if self._http is None:
            self._http = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(socket_factory=_made_socket),
                timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
                headers={hdrs.USER_AGENT: f"Mocast/{__version__}", hdrs.CONTENT_TYPE: "application/json"},
                cookie_jar=aiohttp.DummyCookieJar(),
                auto_decompress=False,  # answers are not read, and aiohttp would inflate them on the event loop
            )

    async def send(self, sent: SentEvent) -> None:
        """Post one event. Raises ``NotDelivered`` unless the answer is one of success."""
        assert self._http is not None
        body, timestamp = body_of(sent), int(time.time())
        headers = {"webhook-id": sent.id, "webhook-timestamp": str(timestamp)}
        if self._key is not None:
            headers["webhook-signature"] = signature(self._key, sent.id, timestamp, body)
        try:
            async with self._http.post(self._url, data=body, headers=headers, allow_redirects=False) as answer:
                _check(answer)
        except TimeoutError as error:
            raise NotDelivered(f"no answer within {TIMEOUT_S:g} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise NotDelivered(f"it cannot be reached ({_reason(error)})") from error

    async def lost(self) -> str:
        """Wait for ever: each event has a request of its own."""
        await asyncio.get_running_loop().create_future()
        return ""

    async def close(self) -> None:
        """Close the client."""
        if self._http is not None:
            http, self._http = self._http, None
            await http.close()


def _made_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """Return a socket whose system hands over little at once: heads without end would hold the event loop."""
    family, kind, protocol, _, _ = address
    made = socket.socket(family, kind, protocol)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, ANSWER_BYTES)
    return made


def _reason(error: Exception) -> str:
    """The system's words for a fault, else its kind: aiohttp's own have the address, which may hold a password."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return "its certificate is not trusted here"
    if isinstance(error, aiohttp.ClientSSLError):
        return "it does not speak HTTPS"
    system = getattr(error, "os_error", error)
    told = system_reason(system) if isinstance(system, OSError) else None
    return told or type(error).__name__


def _check(answer: aiohttp.ClientResponse) -> None:
    """Raise ``NotDelivered`` unless an answer is one of success. Its body is not read."""
    if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
        return
    said = f"it answers {answer.status}"
    if answer.status == HTTPStatus.GONE:
        raise TargetGone(said)
    if answer.status < HTTPStatus.BAD_REQUEST:
        raise NotDelivered(f"{said}, a redirection, which is not followed")
    raise NotDelivered(said, _retry_after_s(answer.headers))


def _retry_after_s(headers: Any) -> float:
    """Return the seconds of an answer's ``Retry-After``; 0 where it has none, or a date."""
    with contextlib.suppress(ValueError):
        return max(float(headers.get(hdrs.RETRY_AFTER, "")), 0.0)
    return 0.0
