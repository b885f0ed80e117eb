"""Webhooks against a real HTTP server: what is posted, how it is signed, and what each answer means."""

import base64
import gzip
import hashlib
import hmac
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import orjson
import pytest
from aiohttp import web
from aiohttp.client_proto import ResponseHandler
from aiohttp.http_parser import DeflateBuffer
from tests.ports import free_port

from mocast.events.event_target import NotDelivered, SentEvent, TargetGone
from mocast.events.target_address import parse_targets
from mocast.events.webhook import WebhookSender, signature
from mocast.model.analysis import Event

KEY = bytes(range(32))
EVENT = Event("gesture", 3_702_000, 1_767_323_045_678_000_000, 0, {"hand": "left", "gesture": "victory"})


class Receiver:
    """Answers each request with the next of its answers."""

    def __init__(self) -> None:
        self.port = 0
        self.requests: list[tuple[str, dict[str, str], bytes]] = []
        self.answers: list[web.Response] = []

    async def take(self, request: web.Request) -> web.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.path_qs, headers, await request.read()))
        return self.answers.pop(0) if self.answers else web.Response(status=204)


@asynccontextmanager
async def sending(key: bytes | None = KEY, path: str = "/hook?a=b") -> AsyncIterator[tuple[WebhookSender, Receiver]]:
    receiver = Receiver()
    app = web.Application()
    app.router.add_post("/{path:.*}", receiver.take)
    app.router.add_get("/{path:.*}", receiver.take)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.port = runner.addresses[0][1]
    sender = WebhookSender(parse_targets("webhook", f"http://127.0.0.1:{receiver.port}{path}")[0], key)
    await sender.open()
    try:
        yield sender, receiver
    finally:
        await sender.close()
        await runner.cleanup()


async def test_an_event_is_posted_as_standard_webhooks_say() -> None:
    sent = SentEvent(EVENT, "studio")
    async with sending() as (sender, receiver):
        await sender.send(sent)
    ((path, headers, body),) = receiver.requests
    assert path == "/hook?a=b"
    assert headers["content-type"] == "application/json"
    assert orjson.loads(body) == {
        "type": "gesture",
        "timestamp": "2026-01-02T03:04:05.678+00:00",
        "data": {"room": "studio", "pts": 3_702_000, "person": 0, "hand": "left", "gesture": "victory"},
    }
    assert headers["webhook-id"] == sent.id
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 60
    signed = f"{sent.id}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


def test_the_signature_is_that_of_the_published_example() -> None:
    """Of https://github.com/standard-webhooks/standard-webhooks: the vector of its libraries' own tests."""
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


async def test_without_a_secret_there_is_no_signature() -> None:
    async with sending(key=None) as (sender, receiver):
        await sender.send(SentEvent(EVENT, "main"))
    assert "webhook-signature" not in receiver.requests[0][1]


@pytest.mark.parametrize("status", [200, 201, 204, 299])
async def test_any_answer_of_success_will_do(status: int) -> None:
    async with sending() as (sender, receiver):
        receiver.answers = [web.Response(status=status, text="x" * 200_000 if status == 200 else None)]
        await sender.send(SentEvent(EVENT, "main"))
        await sender.send(SentEvent(EVENT, "main"))
    assert len(receiver.requests) == 2


@pytest.mark.parametrize(
    ("status", "headers", "said", "retry_after_s"),
    [
        (400, {}, "it answers 400", 0),
        (404, {}, "it answers 404", 0),
        (500, {}, "it answers 500", 0),
        (429, {"Retry-After": "7"}, "it answers 429", 7),
        (503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, "it answers 503", 0),
        (503, {"Retry-After": "-3"}, "it answers 503", 0),
    ],
)
async def test_any_other_is_tried_again(status: int, headers: dict[str, str], said: str, retry_after_s: float) -> None:
    async with sending() as (sender, receiver):
        receiver.answers = [web.Response(status=status, headers=headers)]
        with pytest.raises(NotDelivered, match=said) as raised:
            await sender.send(SentEvent(EVENT, "main"))
    assert raised.value.retry_after_s == retry_after_s
    assert not isinstance(raised.value, TargetGone)


async def test_an_answer_is_not_inflated(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of a megabyte of it, which comes at once, can hold a quarter of a gigabyte."""
    inflated: list[int] = []
    inflate = DeflateBuffer.feed_data
    monkeypatch.setattr(
        DeflateBuffer, "feed_data", lambda self, data, *size: inflated.append(len(data)) or inflate(self, data, *size)
    )
    async with sending() as (sender, receiver):
        receiver.answers = [web.Response(body=gzip.compress(bytes(2**20)), headers={"Content-Encoding": "gzip"})]
        await sender.send(SentEvent(EVENT, "main"))
    assert inflated == []


async def test_of_an_answer_without_end_little_comes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of a megabyte of heads, such as of 102, holds the event loop for 10 ms."""
    sizes: list[int] = []
    take = ResponseHandler.data_received
    monkeypatch.setattr(
        ResponseHandler, "data_received", lambda self, data: sizes.append(len(data)) or take(self, data)
    )
    async with sending() as (sender, receiver):
        receiver.answers = [web.Response(body=bytes(2**22))]
        await sender.send(SentEvent(EVENT, "main"))
    assert 0 < max(sizes) < 2**16


async def test_410_is_the_end() -> None:
    async with sending() as (sender, receiver):
        receiver.answers = [web.Response(status=410)]
        with pytest.raises(TargetGone):
            await sender.send(SentEvent(EVENT, "main"))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirections_are_not_followed(status: int) -> None:
    async with sending() as (sender, receiver):
        receiver.answers = [web.Response(status=status, headers={"Location": "/elsewhere"})]
        with pytest.raises(NotDelivered, match="not followed"):
            await sender.send(SentEvent(EVENT, "main"))
    assert len(receiver.requests) == 1


async def test_nobody_there_is_told_without_the_address() -> None:
    port = free_port()
    sender = WebhookSender(parse_targets("webhook", f"http://me:hunter2@127.0.0.1:{port}/secret")[0], None)
    await sender.open()
    with pytest.raises(NotDelivered, match=r"cannot be reached \(Connection refused\)") as raised:
        await sender.send(SentEvent(EVENT, "main"))
    await sender.close()
    assert "hunter2" not in str(raised.value)
    assert "secret" not in str(raised.value)


async def test_a_name_and_password_go_as_basic_authentication() -> None:
    async with sending() as (_, receiver):
        url = f"http://me:pass%20word@127.0.0.1:{receiver.port}/"
        sender = WebhookSender(parse_targets("webhook", url)[0], None)
        await sender.open()
        await sender.send(SentEvent(EVENT, "main"))
        await sender.close()
    assert receiver.requests[0][1]["authorization"] == "Basic " + base64.b64encode(b"me:pass word").decode()


async def test_an_answer_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mocast.events.webhook.TIMEOUT_S", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        sender = WebhookSender(parse_targets("webhook", f"http://127.0.0.1:{silent.getsockname()[1]}/")[0], None)
        await sender.open()
        with pytest.raises(NotDelivered, match="no answer"):
            await sender.send(SentEvent(EVENT, "main"))
        await sender.close()
