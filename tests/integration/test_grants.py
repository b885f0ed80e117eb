"""Who may do what, over real HTTP: every route with every kind of token, and what belongs to somebody else."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import aiohttp
import jwt
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jwt.algorithms import OKPAlgorithm

from mocast.api.authentication import SOCKET_PROTOCOL
from mocast.api.route import PUBLIC, SIGNED_IN, Access, GrantedRoute
from mocast.api.routes.animations import EXPORT_TYPES
from mocast.app import Server
from mocast.auth import key_file
from mocast.auth.signed_tokens import SignedTokens, derived_key
from mocast.model.principal import GRANTS, Grant, Principal
from mocast.rooms import expiry, registry, sessions
from mocast.rooms.expiry import EXPIRED
from mocast.rooms.registry import Rooms
from mocast.settings.settings import Settings
from tests.integration.http_server import Answer, Running, running
from tests.peers import HANG_S, Peer

SECRET = "a-secret-of-the-operator"
SIGNED, OTHER = SignedTokens(derived_key(SECRET)), SignedTokens(derived_key("another secret"))
SDP = {"Content-Type": "application/sdp"}
JSON = {"Content-Type": "application/json"}
DAY_S = 86_400
"""Tokens that are made when the tests are collected are used when it is their turn."""
IN_ROOMS: frozenset[Grant] = frozenset({"publish", "subscribe", "record", "outputs"})


def token(*grants: Grant, room: str = "hall", subject: str = "ann", lasts_s: float = DAY_S) -> str:
    """A token that the server takes."""
    return SIGNED.sign(Principal(subject, frozenset(grants), (room,), time.time() + lasts_s))


@dataclass(frozen=True, slots=True)
class Row:
    """A route, and what it answers to a request that is let through: as a rule, that something else is wrong."""

    method: str
    path: str
    access: Access
    status: int
    headers: Mapping[str, str] | None = None


WEBRTC_BY_HTTP: list[tuple[str, Grant]] = [("whip", "publish"), ("whep", "subscribe")]

ROWS = [
    Row("GET", "/healthz", PUBLIC, 200),
    Row("GET", "/readyz", PUBLIC, 200),
    Row("GET", "/v1/info", PUBLIC, 200),
    Row("GET", "/metrics", "metrics", 200),
    Row("POST", "/v1/rooms/{room}/publish", "publish", 422, SDP),
    Row("OPTIONS", "/v1/rooms/{room}/publish", "publish", 204),
    Row("POST", "/v1/rooms/{room}/subscribe", "subscribe", 422, SDP),
    Row("OPTIONS", "/v1/rooms/{room}/subscribe", "subscribe", 204),
    *(Row("POST", f"/{name}/{{room}}", grant, 422, SDP) for name, grant in WEBRTC_BY_HTTP),
    *(Row("OPTIONS", f"/{name}/{{room}}", grant, 200) for name, grant in WEBRTC_BY_HTTP),
    *(Row("GET", f"/{name}/{{room}}", grant, 200) for name, grant in WEBRTC_BY_HTTP),
    *(
        Row(method, f"/{name}/{{room}}/{{id}}", grant, 404)
        for method in ("GET", "PATCH", "DELETE", "OPTIONS")
        for name, grant in WEBRTC_BY_HTTP
    ),
    Row("GET", "/v1/rooms", SIGNED_IN, 200),
    Row("GET", "/v1/rooms/{room}", SIGNED_IN, 404),
    Row("GET", "/v1/rooms/{room}/landmarks", "subscribe", 400),
    Row("GET", "/v1/rooms/{room}/outputs", "outputs", 200),
    Row("PUT", "/v1/rooms/{room}/outputs", "outputs", 400, JSON),
    Row("GET", "/v1/rooms/{room}/mixer", "subscribe", 404),
    Row("PATCH", "/v1/rooms/{room}/mixer", "publish", 400, JSON),
    Row("GET", "/v1/rooms/{room}/input", "publish", 422),
    Row("POST", "/v1/rooms/{room}/recordings", "record", 422),
    Row("GET", "/v1/sessions/{id}", SIGNED_IN, 404),
    Row("PATCH", "/v1/sessions/{id}", SIGNED_IN, 404),
    Row("DELETE", "/v1/sessions/{id}", SIGNED_IN, 404),
    Row("GET", "/v1/sessions/{id}/gestures", "publish", 404),
    Row("PUT", "/v1/sessions/{id}/gestures", "publish", 404),
    Row("GET", "/v1/sessions/{id}/reference", "publish", 404),
    Row("PUT", "/v1/sessions/{id}/reference", "publish", 404),
    Row("DELETE", "/v1/sessions/{id}/reference", "publish", 404),
    Row("POST", "/v1/sessions/{id}/reset", "publish", 404),
    Row("GET", "/v1/sessions/{id}/calibration", "publish", 404),
    Row("POST", "/v1/sessions/{id}/calibration", "publish", 404),
    Row("PUT", "/v1/sessions/{id}/calibration", "publish", 404),
    Row("DELETE", "/v1/sessions/{id}/calibration", "publish", 404),
    Row("GET", "/v1/recordings/{id}", "record", 404),
    Row("DELETE", "/v1/recordings/{id}", "record", 404),
    Row("POST", "/v1/recordings/{id}/stop", "record", 404),
    Row("GET", "/v1/recordings/{id}.jsonl", "record", 404),
    *(Row("GET", f"/v1/recordings/{{id}}.{kind}", "record", 404) for kind in EXPORT_TYPES),
    *(Row("POST", f"/v1/recordings/{{id}}.{kind}", "record", 415) for kind in ("bvh", "vrma")),
    Row("POST", "/v1/images", "images", 400),
    Row("OPTIONS", "/v1/jobs", "jobs", 204),
    Row("GET", "/v1/jobs", "jobs", 200),
    Row("POST", "/v1/jobs", "jobs", 422),
    *(Row(method, "/v1/jobs/{id}", "jobs", 404) for method in ("GET", "DELETE")),
    Row("PATCH", "/v1/jobs/{id}", "jobs", 412),
    Row("POST", "/v1/jobs/{id}", "jobs", 400),
    Row("GET", "/v1/jobs/{id}/events", "jobs", 404),
    Row("GET", "/v1/jobs/{id}/results/{name}", "jobs", 404),
    Row("POST", "/v1/tokens", SIGNED_IN, 415),
]


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(auth="token", token=SECRET, recordings_kept=2, output_networks="127.0.0.0/8") as served:
        yield served


def ask(server: Running, row: Row, sent: str | None) -> Answer:
    path = row.path.replace("{room}", "hall").replace("{id}", "none")
    query = "?record=flights" if path.endswith("/recordings") else ""
    authorization = {} if sent is None else {"Authorization": f"Bearer {sent}"}
    return server.ask(row.method, path + query, b"", {**(row.headers or {}), **authorization})


async def test_every_route_is_in_the_table_with_its_grant() -> None:
    server = Server(Settings())
    app = server._web_app(Rooms(server._publisher_dependencies(), server._limiter))
    stated = {
        (route.method, route.resource.canonical, route.access)
        for route in app.router.routes()
        if isinstance(route, GrantedRoute) and route.resource is not None and route.method != "HEAD"
    }
    below, alone = ("/v1/", "/whip/", "/whep/"), ("/metrics", "/healthz", "/readyz")
    api = {one for one in stated if one[1].startswith(below) or one[1] in alone}
    assert api == {(row.method, row.path, row.access) for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.path}")
def test_each_route_lets_in_who_has_its_grant_and_nobody_else(server: Running, row: Row) -> None:
    has_room = "{room}" in row.path
    others = GRANTS - {row.access, "admin"}
    outside: tuple[Grant, ...] = ("images", "jobs", "metrics")
    expected = {
        "no token": (None, 401),
        "not a token": ("x", 401),
        "a part of the secret": (SECRET[:-1], 401),
        "expired": (token(*GRANTS, lasts_s=-1), 401),
        "another server's": (OTHER.sign(Principal("ann", GRANTS, ("*",), 4e9)), 401),
        "the wrong room": (token(*(GRANTS - {"admin"}), room="stage"), 403 if has_room else row.status),
        "the wrong grant": (token(*(outside if row.access == SIGNED_IN else others)), 403),
        "no grant": (token(), 403),
        "the right one": (token(*([row.access] if row.access in GRANTS else ["subscribe"])), row.status),  # type: ignore[list-item]
        "an admin's of the server": (token("admin", room="*"), row.status),
        "an admin's of the room": (token("admin"), 403 if row.access in outside else row.status),
        "the secret": (SECRET, row.status),
    }
    if row.access == PUBLIC or (row.access == SIGNED_IN and not has_room):
        expected = {name: (sent, row.status if status == 403 else status) for name, (sent, status) in expected.items()}
    if row.access == PUBLIC:
        expected = {name: (sent, row.status) for name, (sent, _) in expected.items()}
    answers = {name: ask(server, row, sent) for name, (sent, _) in expected.items()}
    assert {name: answer.status for name, answer in answers.items()} == {
        name: status for name, (_, status) in expected.items()
    }
    for name, answer in answers.items():
        if answer.status in (401, 403):
            assert answer["Content-Type"] == "application/problem+json"
        if answer.status == 401:
            assert answer["WWW-Authenticate"] == ("Bearer" if name == "no token" else 'Bearer error="invalid_token"')


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/v1/rooms?access_token={SECRET}", {}),
        ("/v1/rooms", {"Authorization": f"bearer  {SECRET}"}),
        ("/v1/rooms", {"Sec-WebSocket-Protocol": f"{SOCKET_PROTOCOL}, {SECRET}"}),
        (f"/v1/rooms?access_token={SECRET}", {"Authorization": "Basic dXNlcjpwYXNz"}),
    ],
)
def test_a_token_may_be_in_the_header_the_query_or_the_sub_protocol(
    server: Running, path: str, headers: dict[str, str]
) -> None:
    assert server.ask("GET", path, None, headers).status == 200


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v1/rooms?access_token=", {}),
        ("/v1/rooms?access_token=wrong", {}),
        (f"/v1/rooms?access_token={SECRET}", {"Authorization": "Bearer wrong"}),
        (f"/v1/rooms?token={SECRET}", {}),
        ("/v1/rooms", {"Authorization": SECRET}),
        ("/v1/rooms", {"Authorization": "Bearer"}),
        ("/v1/rooms", {"Authorization": f"Basic {SECRET}"}),
        ("/v1/rooms", {"Cookie": f"access_token={SECRET}"}),
        ("/v1/rooms", {"Sec-WebSocket-Protocol": SOCKET_PROTOCOL}),
        ("/v1/rooms", {"Sec-WebSocket-Protocol": f"{SECRET}, {SOCKET_PROTOCOL}"}),
        ("/v1/rooms", {"Sec-WebSocket-Protocol": f"chat, {SECRET}"}),
    ],
)
def test_nowhere_else_is_a_token_looked_for(server: Running, path: str, headers: dict[str, str]) -> None:
    assert server.ask("GET", path, None, headers).status == 401


LINK = token(*IN_ROOMS)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300) | st.tuples(st.integers(0, len(LINK) - 2), st.integers(0, 255)))
def test_no_made_up_token_is_let_in_and_none_is_a_fault(server: Running, made_up: bytes | tuple[int, int]) -> None:
    """Any bytes, and a token of which one is another."""
    sent = made_up
    if isinstance(sent, tuple):
        at, byte = sent
        sent = b"%b%c%b" % (LINK[:at].encode(), byte, LINK[at + 1 :].encode())
    assume(sent.strip() != LINK.encode())
    header = sent.translate(None, b"\r\n\0").decode("latin-1")
    # A malformed header is 400, by aiohttp.
    assert server.ask("GET", "/v1/rooms", None, {"Authorization": f"Bearer {header}"}).status in (400, 401)
    assert server.ask("GET", f"/v1/rooms?access_token={quote(sent)}").status == 401


def test_a_query_s_token_is_no_option_of_the_call(server: Running) -> None:
    answer = server.ask("POST", f"/v1/rooms/hall/publish?tracker=feet&access_token={SECRET}", b"", SDP)
    assert answer.status == 422
    assert [error["parameter"] for error in answer.json["errors"]] == ["tracker"]


def test_a_path_s_room_is_the_one_that_is_checked(server: Running) -> None:
    """Encodings of another room's name do not get past the check."""
    sent = {"Authorization": f"Bearer {token('subscribe')}"}
    assert server.ask("GET", "/v1/rooms/h%61ll", None, sent).status == 404
    for path in ("/v1/rooms/st%61ge", "/v1/rooms/hall%2F..%2Fstage", "/v1/rooms/hall/../stage", "/v1/rooms/hall%00"):
        assert server.ask("GET", path, None, sent).status in (403, 404), path
        assert b"Nobody is in" not in server.ask("GET", path, None, sent).body


def make_token(server: Running, sent: str, **wanted: Any) -> Answer:
    headers = {**JSON, "Authorization": f"Bearer {sent}"}
    return server.ask("POST", "/v1/tokens", orjson.dumps(wanted), headers)


def test_a_link_is_for_a_part_of_what_its_maker_may_do(server: Running) -> None:
    answer = make_token(server, token("publish", "subscribe"), room="hall", grants=["subscribe"], ttl_s=60)
    assert answer.status == 201
    assert answer["Cache-Control"] == "no-store"
    link = answer.json["token"]
    assert answer.json["expires_at"].endswith("Z")
    bearer = {"Authorization": f"Bearer {link}"}
    assert server.ask("OPTIONS", "/v1/rooms/hall/subscribe", None, bearer).status == 204
    assert server.ask("OPTIONS", "/v1/rooms/hall/publish", None, bearer).status == 403
    assert server.ask("OPTIONS", "/v1/rooms/stage/subscribe", None, bearer).status == 403
    assert make_token(server, link, room="hall", grants=["publish"]).status == 403
    assert make_token(server, link, room="stage").status == 403
    assert make_token(server, link, room="hall").status == 201
    assert make_token(server, link, room="*").status == 422


def test_what_was_refused_is_counted(server: Running) -> None:
    def refused(limit: str) -> int:
        metrics = server.ask("GET", "/metrics", None, {"Authorization": f"Bearer {SECRET}"}).body.decode()
        (value,) = re.findall(rf'^mocast_refused_total{{limit="{limit}"}} (\d+)', metrics, re.MULTILINE)
        return int(value)

    before = refused("token"), refused("grant")
    server.ask("GET", "/v1/rooms")
    server.ask("GET", "/v1/rooms", None, {"Authorization": "Bearer x"})
    server.ask("GET", "/metrics", None, {"Authorization": f"Bearer {token('publish')}"})
    assert (refused("token"), refused("grant")) == (before[0] + 2, before[1] + 1)


def test_without_authentication_nobody_needs_a_token() -> None:
    with running() as open_server:
        info = open_server.ask("GET", "/v1/info").json
        assert (info["auth"], info["face_shapes"]) == ("none", "network")
        assert open_server.ask("GET", "/v1/rooms", None, {"Authorization": "Bearer x"}).status == 200
        assert open_server.ask("GET", "/metrics").status == 200
        assert make_token(open_server, "x", room="hall").status == 403


def test_json_web_tokens_of_an_issuer_are_taken() -> None:
    signed = SignedTokens(b"0123456789abcdef0123456789abcdef", audience="mocast")
    with running(auth="jwt", jwt_secret="0123456789abcdef0123456789abcdef", jwt_audience="mocast") as served:
        assert served.ask("GET", "/v1/info").json["auth"] == "jwt"
        for room, status in (("hall", 204), ("stage", 403)):
            principal = Principal("ann", frozenset({"publish"}), ("ha*",), time.time() + 60)
            bearer = {"Authorization": f"Bearer {signed.sign(principal)}"}
            assert served.ask("OPTIONS", f"/v1/rooms/{room}/publish", None, bearer).status == status
        assert (
            served.ask("OPTIONS", "/v1/rooms/hall/publish", None, {"Authorization": f"Bearer {token()}"}).status == 401
        )


def test_an_issuer_s_keys_change_while_the_server_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_file, "LOOK_EVERY_S", 0.0)
    old, new = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
    path = tmp_path / "keys.json"

    def publish_keys(**keys: Ed25519PrivateKey) -> None:
        jwks = [{**OKPAlgorithm.to_jwk(key.public_key(), as_dict=True), "kid": kid} for kid, key in keys.items()]
        path.write_bytes(orjson.dumps({"keys": jwks}))

    def bearer(key: Ed25519PrivateKey, kid: str) -> dict[str, str]:
        claims = {"sub": "ann", "exp": time.time() + 60, "grants": ["subscribe"], "rooms": ["hall"]}
        return {"Authorization": f"Bearer {jwt.encode(claims, key, 'EdDSA', {'kid': kid})}"}

    def status(*of: Any) -> int:
        return served.ask("GET", "/v1/rooms/hall", None, bearer(*of)).status

    publish_keys(old=old)
    with running(auth="jwt", jwt_key_file=path) as served:
        assert [status(old, "old"), status(new, "old"), status(new, "new")] == [404, 401, 401]
        link = served.ask("POST", "/v1/tokens", b'{"room": "hall"}', {**JSON, **bearer(old, "old")}).json["token"]
        publish_keys(old=old, new=new)
        assert [status(new, "new"), status(old, "old"), status(old, "new")] == [404, 404, 401]
        publish_keys(new=new)
        assert [status(old, "other"), status(old, "old"), status(new, "new")] == [401, 401, 404]
        assert served.ask("GET", "/v1/rooms/hall", None, {"Authorization": f"Bearer {link}"}).status == 404


async def call(server: Running, sent: str, method: str, path: str, body: object = None) -> Answer:
    """Make a request with a token, in a thread. A text is an offer, anything else goes as JSON."""
    bearer = {"Authorization": f"Bearer {sent}"}
    if body is None or isinstance(body, str):
        return await asyncio.to_thread(server.ask, method, path, body, {**SDP, **bearer})
    return await asyncio.to_thread(server.ask, method, path, orjson.dumps(body), {**JSON, **bearer})


@asynccontextmanager
async def joined(server: Running, sent: str, peer: Peer, where: str) -> AsyncIterator[str]:
    """Publish to a room, or watch it, while the context lasts; yields the session's address."""
    answer = await call(server, sent, "POST", f"/v1/rooms/{where}", await peer.offer())
    assert answer.status == 201, answer.body
    await peer.accept(answer.body.decode())
    try:
        yield answer.location
    finally:
        await call(server, SECRET, "DELETE", answer.location)
        await peer.close()


ANN, BOB = token(*IN_ROOMS, room="*"), token(*IN_ROOMS, room="*", subject="bob")
ROOM_ADMIN, OTHER_ADMIN = token("admin", subject="root"), token("admin", subject="root", room="stage")


async def test_a_session_is_its_owner_s_even_for_who_knows_its_id(server: Running) -> None:
    async with joined(server, ANN, Peer(), "hall/publish") as session:
        calls: list[tuple[str, str, object]] = [
            ("GET", session, None),
            ("PATCH", session, {"mirror": True}),
            ("GET", f"{session}/gestures", None),
            ("PUT", f"{session}/gestures", 7),
            ("GET", f"{session}/reference", None),
            ("PUT", f"{session}/reference", 7),
            ("DELETE", f"{session}/reference", None),
            ("POST", f"{session}/reset", None),
            ("GET", f"{session}/calibration", None),
            ("POST", f"{session}/calibration", {"seconds": 99}),
            ("PUT", f"{session}/calibration", 7),
            ("DELETE", f"{session}/calibration", None),
        ]
        mine = [(await call(server, ANN, *each)).status for each in calls]
        assert mine == [200, 200, 200, 422, 200, 422, 200, 204, 200, 422, 422, 200]
        for stranger in (BOB, OTHER_ADMIN):
            for each in (*calls, ("DELETE", session, None)):
                refused = await call(server, stranger, *each)
                assert (refused.status, refused.json["detail"]) == (404, "There is no such session; it may have ended.")
        assert [(await call(server, ROOM_ADMIN, *each)).status for each in calls] == mine
        nobody = await asyncio.to_thread(server.ask, "GET", session)
        assert nobody.status == 401


async def test_nobody_takes_the_place_of_another_s_session(server: Running) -> None:
    other = Peer()
    async with joined(server, ANN, Peer(), "hall/publish") as session:
        taking = f"/v1/rooms/hall/publish?replace={session.rpartition('/')[2]}"
        offer = await other.offer()
        refused = await call(server, BOB, "POST", taking, offer)
        assert (refused.status, refused.json["title"]) == (409, "Conflict")
        assert (await call(server, ANN, "GET", session)).status == 200
        taken = await call(server, ANN, "POST", taking, offer)
        assert taken.status == 201
        await call(server, ANN, "DELETE", taken.location)
    await other.close()


async def test_a_silent_session_makes_way_for_its_owner_s_next_one_and_nobody_else_s(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "SILENCE_S", 0.0)
    silent, other = Peer(), Peer()
    offers = [await peer.offer() for peer in (silent, other)]
    first = await call(server, ANN, "POST", "/v1/rooms/hall/publish", offers[0])
    refused = await call(server, BOB, "POST", "/v1/rooms/hall/publish", offers[1])
    assert (refused.status, refused.all("Retry-After")) == (409, [])
    second = await call(server, ANN, "POST", "/v1/rooms/hall/publish", offers[1])
    assert (first.status, second.status) == (201, 201)
    await asyncio.to_thread(server.wait_gone, first.location, {"Authorization": f"Bearer {ANN}"})
    assert (await call(server, ANN, "DELETE", second.location)).status == 200
    await asyncio.gather(silent.close(), other.close())


async def test_when_the_server_is_full_what_never_connected_makes_way_for_anybody_the_caller_s_own_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It is the same for viewers; nobody here ever connects."""
    with running(auth="token", token=SECRET, max_sessions=2, max_viewers=2) as served:
        for where, peer in (("publish", Peer()), ("subscribe", Peer(video=False, rig=""))):
            offer = await peer.offer()

            async def join(sent: str, room: str, where: str = where, offer: str = offer) -> Answer:
                return await call(served, sent, "POST", f"/v1/rooms/{room}/{where}", offer)

            async def is_there(one: Answer) -> bool:
                return (await call(served, SECRET, "GET", one.location)).status == 200

            monkeypatch.setattr(sessions, "CONNECT_GRACE_S", 600.0)
            first, second = await join(ANN, "hall"), await join(ANN, "stage")
            assert (first.status, second.status) == (201, 201)
            assert (await join(BOB, "attic")).status == 503, "they may connect yet"
            monkeypatch.setattr(sessions, "CONNECT_GRACE_S", 0.0)
            third = await join(BOB, "attic")
            assert (third.status, await is_there(first), await is_there(second)) == (201, False, True)
            fourth = await join(BOB, "roof")
            assert (fourth.status, await is_there(second), await is_there(third)) == (201, True, False)
            await peer.close()


async def test_a_live_session_makes_way_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sessions, "CONNECT_GRACE_S", 0.0)
    publisher, viewer, late = Peer(), Peer(video=False, landmarks=None, rig=""), Peer(video=False, rig="")
    with running(auth="token", token=SECRET, max_sessions=1, max_viewers=1) as served:
        async with joined(served, ANN, publisher, "hall/publish"), joined(served, ANN, viewer, "hall/subscribe"):
            await publisher.until(lambda: publisher.control_messages)
            await viewer.until(lambda: viewer.control_messages)
            for sent, where in ((BOB, "publish"), (SECRET, "publish"), (BOB, "subscribe"), (SECRET, "subscribe")):
                offer = await (publisher if where == "publish" else late).offer()
                assert (await call(served, sent, "POST", f"/v1/rooms/stage/{where}", offer)).status == 503
    await late.close()


async def test_a_token_for_less_ends_and_changes_nothing_of_its_owner_s(server: Running) -> None:
    watching, elsewhere = token("subscribe", room="*"), token("publish", "subscribe", room="stage")
    async with (
        joined(server, ANN, Peer(), "hall/publish") as publisher,
        joined(server, ANN, Peer(video=False, rig=""), "hall/subscribe") as viewer,
    ):
        for sent, session in (
            (watching, publisher),
            (elsewhere, publisher),
            (elsewhere, viewer),
            (token("publish"), viewer),
        ):
            for method, body in (("PATCH", {"mirror": True}), ("DELETE", None), ("GET", None)):
                refused = await call(server, sent, method, session, body)
                assert (refused.status, "does not grant" in refused.json["detail"]) == (403, True)
        assert (await call(server, token("publish"), "PATCH", publisher, {"mirror": True})).status == 200
        assert (await call(server, watching, "DELETE", viewer)).status == 200


async def test_a_token_to_record_elsewhere_is_none_for_its_owner_s_recordings(server: Running) -> None:
    recording = (await call(server, ANN, "POST", "/v1/rooms/hall/recordings")).location
    elsewhere = token("record", room="stage")
    for method, path in (("GET", recording), ("POST", f"{recording}/stop"), ("DELETE", recording)):
        assert (await call(server, elsewhere, method, path)).status == 403
    assert (await call(server, token("record"), "DELETE", recording)).status == 204


async def test_everybody_sees_the_rooms_that_are_theirs_to_see(server: Running) -> None:
    async with joined(server, ANN, Peer(), "hall/publish"):
        in_hall, in_stage = token("subscribe", subject="eve"), token("subscribe", subject="eve", room="stage")
        for sent, rooms in ((in_hall, ["hall"]), (in_stage, []), (token("images", room="*"), []), (SECRET, ["hall"])):
            listed = await call(server, sent, "GET", "/v1/rooms")
            assert [room["room"] for room in listed.json["rooms"]] == rooms
        assert (await call(server, in_hall, "GET", "/v1/rooms/hall")).status == 200
        # The same, whether or not there is such a room.
        for room in ("hall", "attic"):
            assert (await call(server, in_stage, "GET", f"/v1/rooms/{room}")).status == 403


async def test_a_recording_is_its_owner_s_and_makes_way_above_an_equal_share(server: Running) -> None:
    first = (await call(server, ANN, "POST", "/v1/rooms/hall/recordings")).location
    assert (await call(server, BOB, "POST", "/v1/rooms/hall/recordings")).status == 409
    files = [("GET", f"{first}.{kind}") for kind in ("jsonl", *EXPORT_TYPES)]
    calls = [("GET", first), ("POST", f"{first}/stop"), *files]
    for stranger in (BOB, OTHER_ADMIN):
        for method, path in (*calls, ("DELETE", first)):
            refused = await call(server, stranger, method, path)
            assert (refused.status, "no such recording" in refused.json["detail"]) == (404, True)
    assert [(await call(server, ANN, *each)).status for each in calls[:3]] == [200, 200, 200]
    second = (await call(server, ANN, "POST", "/v1/rooms/stage/recordings")).location
    assert (await call(server, ANN, "POST", f"{second}/stop")).status == 200
    # Two are kept, both of them Ann's: Bob's takes the place of the older one, and of no other.
    bob_s = await call(server, BOB, "POST", "/v1/rooms/attic/recordings")
    assert bob_s.status == 201
    assert (await call(server, ANN, "GET", first)).status == 404
    refused = await call(server, BOB, "POST", "/v1/rooms/roof/recordings")
    assert (refused.status, refused.json["detail"].startswith("As many recordings are kept or running")) == (503, True)
    third = (await call(server, ANN, "POST", "/v1/rooms/stage/recordings")).location
    assert (await call(server, ANN, "GET", second)).status == 404
    assert (await call(server, OTHER_ADMIN, "DELETE", third)).status == 204
    assert (await call(server, BOB, "DELETE", bob_s.location)).status == 204


async def test_a_recording_has_the_same_owner_after_a_restart(tmp_path: Any) -> None:
    lasting = {"auth": "token", "token": SECRET, "recordings_folder": tmp_path}
    with running(**lasting) as served:
        recording = (await call(served, ANN, "POST", "/v1/rooms/hall/recordings")).location
        await call(served, ANN, "POST", f"{recording}/stop")
    with running(**lasting) as served:
        assert (await call(served, BOB, "GET", recording)).status == 404
        assert (await call(served, ANN, "GET", recording)).status == 200


async def test_outputs_are_their_owner_s(server: Running) -> None:
    path = "/v1/rooms/hall/outputs"
    to = lambda *ports: {"outputs": [{"kind": "vmc", "host": "127.0.0.1", "port": port} for port in ports]}  # noqa: E731

    async def ports(sent: str) -> list[int]:
        return [output["port"] for output in (await call(server, sent, "GET", path)).json["outputs"]]

    assert (await call(server, ANN, "PUT", path, to(40001, 40002))).status == 200
    assert await ports(BOB) == []
    assert (await call(server, BOB, "PUT", path, to(40002, 40003))).status == 200
    assert (await call(server, BOB, "PUT", path, to(40003))).status == 200
    assert await ports(ANN) == [40001, 40002]
    assert await ports(ROOM_ADMIN) == [40001, 40002, 40003]
    assert (await call(server, ROOM_ADMIN, "PUT", path, to(40002))).status == 200
    assert (await ports(ANN), await ports(BOB)) == ([40002], [])
    assert (await call(server, ROOM_ADMIN, "PUT", path, to())).status == 200
    assert await ports(SECRET) == []


async def test_when_a_token_expires_its_sessions_end_and_say_why(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the clock was set meanwhile."""
    monkeypatch.setattr(expiry, "LOOK_EVERY_S", 0.02)
    publisher, viewer = Peer(), Peer(video=False, landmarks=None, rig="")
    async with (
        joined(server, token("publish"), publisher, "hall/publish") as published,
        joined(server, token("subscribe", subject="eve"), viewer, "hall/subscribe") as watched,
    ):
        await publisher.until(lambda: publisher.control_messages)
        await viewer.until(lambda: viewer.control_messages)
        monkeypatch.setattr(expiry, "time", SimpleNamespace(time=lambda: time.time() + DAY_S + 1))
        for peer, session in ((publisher, published), (viewer, watched)):
            await peer.until(lambda peer=peer: notices(peer) == ["expired", "closing"])
            await call(server, SECRET, "DELETE", session)  # waits for its end
            assert (await call(server, SECRET, "GET", session)).status == 404


def notices(peer: Peer) -> list[str]:
    return [message["notice"] for message in peer.control_messages if message.get("type") == "notice"]


async def test_a_socket_s_token_is_its_sub_protocol_or_in_its_query_and_ends_it(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiry, "LOOK_EVERY_S", 0.02)
    address = f"http://127.0.0.1:{server.port}/v1/rooms/hall/landmarks"
    async with aiohttp.ClientSession() as http:
        async with http.ws_connect(address, protocols=(SOCKET_PROTOCOL, token("subscribe"))) as socket:
            assert socket.protocol == SOCKET_PROTOCOL
            with monkeypatch.context() as later:
                later.setattr(expiry, "time", SimpleNamespace(time=lambda: time.time() + DAY_S + 1))
                end = await socket.receive(timeout=HANG_S)
            assert (end.type, end.data, end.extra) == (aiohttp.WSMsgType.CLOSE, 3000, EXPIRED)
        async with http.ws_connect(f"{address}?send=rig&access_token={token('subscribe')}") as socket:
            assert socket.protocol is None
        for sent in ({}, {"protocols": (SOCKET_PROTOCOL, "x")}, {"protocols": (SOCKET_PROTOCOL,)}):
            with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
                await http.ws_connect(address, **sent)
            assert refusal.value.status == 401
