"""The API over real HTTP: what clients are told, and what hostile ones cannot do."""

import asyncio
import base64
import hashlib
import hmac
import re
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from http.client import HTTPException
from urllib.parse import quote, urljoin

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from mocast.webrtc.offer import MAX_BYTES, MAX_CANDIDATES
from tests.fuzzing.http_requests import make_offer, mutated_offers
from tests.integration.http_server import Answer, Running, running
from tests.peers import HANG_S, Peer
from tests.polling import wait_until
from tests.rooms import open_sockets

SECRET = "shared with the TURN server"
SETTINGS = {
    "max_sessions": 3,
    "stun_urls": "stun:{host}:3478",
    "turn_urls": "turn:{host}:3478?transport=udp,turn:{host}:3478?transport=tcp",
    "turn_secret": SECRET,
    "allowed_origins": "https://app.example",
    "allowed_hosts": "camera.example",
    "connect_timeout_s": HANG_S,
}


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(**SETTINGS) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_is_left(server: Running) -> Iterator[None]:
    """After each test: no session, every tracker is back, and no socket is open that was not before."""
    sockets = open_sockets()
    yield
    wait_until(lambda: server.sessions == 0)
    assert server.sessions == 0
    wait_until(lambda: open_sockets() <= sockets)
    assert open_sockets() <= sockets
    assert sorted(map(id, server.pool.out)) == sorted(map(id, server.pool.released))


@pytest.fixture(scope="module")
def offer() -> str:
    return make_offer()


def is_problem(answer: Answer, status: int) -> bool:
    return (
        answer.status == status
        and answer["Content-Type"] == "application/problem+json"
        and answer.json["status"] == status
        and bool(answer.json["detail"])
    )


async def asked(server: Running, *args: object, **more: object) -> Answer:
    return await asyncio.to_thread(server.ask, *args, **more)  # type: ignore[arg-type]


async def connect(server: Running, peer: Peer, room: str = "room", query: str = "") -> str:
    """Publish over HTTP; return the session's path."""
    answer = await asyncio.to_thread(server.publish, room, await peer.offer(), query)
    assert answer.status == 201, answer.body
    await peer.accept(answer.body.decode())
    return answer.location


async def test_a_session_over_http_from_offer_to_end(server: Running) -> None:
    peer = Peer()
    sdp = await peer.offer()
    answer = await asyncio.to_thread(server.publish, "room", sdp, "?tracker=pose&overlay=mesh,classic&mirror=true")
    assert answer.status == 201
    assert answer["Content-Type"] == "application/sdp"
    assert re.fullmatch(r"/v1/sessions/[A-Za-z0-9_-]{24}", answer.location)
    behind_a_prefix = urljoin("https://host/mocast/v1/rooms/room/publish", answer["Location"])
    assert behind_a_prefix == f"https://host/mocast{answer.location}"
    assert re.fullmatch(r'"[0-9a-f]+"', answer["ETag"])
    await peer.accept(answer.body.decode())
    await peer.until(lambda: len(peer.frames) >= 5 and len(peer.landmark_messages) >= 5)
    path = answer.location
    shown = (await asked(server, "GET", path)).json
    assert (shown["room"], shown["state"], path.endswith(shown["id"])) == ("room", "live", True)
    assert (shown["settings"]["tracker"], shown["settings"]["overlay"]) == ("pose", ["mesh", "classic"])
    assert shown["statistics"]["frames_in"] >= 5
    changed = await asked(server, "PATCH", path, '{"hud": true}', headers={"Content-Type": "application/json"})
    assert (changed.status, changed.json["hud"], changed.json["mirror"]) == (200, True, True)
    await peer.until(lambda: any(m["type"] == "settings" and m["settings"]["hud"] for m in peer.control_messages))
    assert (await asked(server, "DELETE", path)).status == 200
    assert is_problem(await asked(server, "GET", path), 404)
    assert is_problem(await asked(server, "DELETE", path), 404)
    await peer.close()


async def test_candidates_may_come_later(server: Running) -> None:
    peer = Peer()
    sdp = await peer.offer()
    candidates = re.findall(r"a=candidate:.*\r\n", sdp)
    bare = re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", sdp)
    answer = await asyncio.to_thread(server.publish, "room", bare)
    path, etag = answer.location, answer["ETag"]
    trickle = {"Content-Type": "application/trickle-ice-sdpfrag"}
    fragment = "a=mid:0\r\n" + "".join(candidates)
    stale = await asked(server, "PATCH", path, fragment, headers={**trickle, "If-Match": '"another"'})
    assert is_problem(stale, 412)
    for match in (etag, "*"):
        taken = await asked(server, "PATCH", path, fragment, headers={**trickle, "If-Match": match})
        assert (taken.status, taken.body) == (204, b"")
    await peer.accept(answer.body.decode())
    await peer.until(lambda: len(peer.frames) >= 3)
    for nonsense, status in (("a=candidate:nonsense\r\n", 204), ("foo", 400), ("a=ice-ufrag:another\r\n", 422)):
        assert (await asked(server, "PATCH", path, nonsense, headers=trickle)).status == status
    flood = "a=mid:0\r\n" + "a=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n" * (MAX_CANDIDATES + 1)
    assert is_problem(await asked(server, "PATCH", path, flood, headers=trickle), 422)
    seen = len(peer.frames)
    await peer.until(lambda: len(peer.frames) >= seen + 5)
    await asked(server, "DELETE", path)
    await peer.close()


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("text/plain", "{}", 415),
        ("application/sdp", "{}", 415),
        ("application/json", "not json", 400),
        ("application/json", "[]", 422),
        ("application/json", '{"colour": "red"}', 422),
        ("application/json", '{"format": "json"}', 422),
        ("application/json", '{"exercises": ["squirt"]}', 422),
        ("application/json", "1" * 20_000, 413),
        ("application/trickle-ice-sdpfrag", b"\xff\xfe", 400),
    ],
)
def test_a_wrong_change_is_refused(
    server: Running, offer: str, content_type: str, body: str | bytes, status: int
) -> None:
    path = server.publish("room", offer).location
    before = server.ask("GET", path).json["settings"]
    assert is_problem(server.ask("PATCH", path, body, {"Content-Type": content_type}), status)
    assert server.ask("GET", path).json["settings"] == before
    assert server.ask("DELETE", path).status == 200


def test_unknown_sessions_rooms_and_calls_are_problems(server: Running, offer: str) -> None:
    for method in ("GET", "PATCH", "DELETE"):
        assert is_problem(server.ask(method, "/v1/sessions/unknown", "{}", {"Content-Type": "application/json"}), 404)
    assert is_problem(server.ask("GET", "/v1/nothing"), 404)
    assert is_problem(server.ask("PUT", "/v1/rooms/room/publish"), 405)
    for room in ("a b", "x" * 65, "\0", "a/b", "ä", "<script>", "a\r\nX: y"):
        assert is_problem(server.publish(quote(room, safe=""), offer), 400), room


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/json", "multipart/form-data"])
def test_an_offer_of_another_type_is_refused(server: Running, offer: str, content_type: str) -> None:
    assert is_problem(server.publish("room", offer, **{"Content-Type": content_type}), 415)


def test_an_offers_parameters_and_case_of_its_type_do_not_matter(server: Running, offer: str) -> None:
    answer = server.publish("room", offer, **{"Content-Type": "Application/SDP; charset=utf-8"})
    assert answer.status == 201
    server.ask("DELETE", answer.location)


@pytest.mark.parametrize(
    "query",
    [
        "?tracker=elbow",
        "?colour=red",
        "?opacity=2",
        "?mirror=true&mirror=false",
        "?return=audio",
        "?overlay=x",
        "?exercises=x",
    ],
)
def test_impossible_settings_are_refused_before_anything_is_built(server: Running, offer: str, query: str) -> None:
    built = len(server.pool.out)
    assert is_problem(server.publish("room", offer, query), 422)
    assert len(server.pool.out) == built


def test_a_busy_room_and_a_full_server_are_told_apart(server: Running, offer: str) -> None:
    paths = [server.publish(f"room{n}", offer).location for n in range(3)]
    assert is_problem(server.publish("room0", offer), 409)
    full = server.publish("another", offer)
    assert is_problem(full, 503)
    assert int(full["Retry-After"]) > 0
    assert server.ask("GET", "/readyz").status == 200, "or its live sessions would be taken out of the service"
    replaced = server.publish("room0", offer, f"?replace={paths[0].rsplit('/', 1)[1]}")
    assert replaced.status == 201
    for path in (replaced.location, *paths[1:]):
        assert server.ask("DELETE", path).status == 200
    answer = server.publish("another", offer)
    assert answer.status == 201, "the place is free as soon as the session was deleted"
    server.ask("DELETE", answer.location)


@pytest.mark.parametrize("candidates", [MAX_CANDIDATES + 1, 700])
def test_a_flood_of_candidates_is_refused(server: Running, offer: str, candidates: int) -> None:
    head, _, tail = offer.partition("a=candidate:")
    flood = "".join(f"a=candidate:{n} 1 udp 1 10.0.0.1 {1000 + n} typ host\r\n" for n in range(candidates))
    built = len(server.pool.out)
    assert is_problem(server.publish("room", f"{head}{flood}a=candidate:{tail}"), 422)
    assert len(server.pool.out) == built


def raw(server: Running, request: bytes, *, body: Iterable[bytes] = (), whole: bool = False) -> tuple[bytes, int]:
    """Send bytes as they are; return the answer and how much of the body was taken before it came.

    ``whole``: read until the server closes the connection.
    """
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(request)
        received = bytearray()
        answered = threading.Event()

        def read() -> None:
            try:
                while chunk := connection.recv(65_536):
                    received.extend(chunk)
                    answered.set()
            except OSError:
                pass
            answered.set()

        reader = threading.Thread(target=read)
        reader.start()
        sent = 0
        try:
            for chunk in body:
                if answered.is_set():
                    break
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        assert answered.wait(60)
        if whole:
            reader.join(60)
        connection.shutdown(socket.SHUT_RDWR)
        reader.join(60)
        return bytes(received), sent


def test_a_huge_body_is_refused_by_its_length_before_it_is_sent(server: Running) -> None:
    head = b"POST /v1/rooms/room/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\n"
    answer, sent = raw(server, head + b"Content-Length: 100000000\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent == 0


def test_a_huge_body_without_a_length_is_refused_as_soon_as_it_is_too_long(server: Running) -> None:
    head = b"POST /v1/rooms/room/publish HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/sdp\r\n"
    chunk = b"4000\r\n" + b"v" * 0x4000 + b"\r\n"
    answer, sent = raw(server, head + b"Transfer-Encoding: chunked\r\n\r\n", body=[chunk] * 6400)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert sent < 50_000_000, "half of it would have been enough to notice"
    assert is_problem(server.publish("room", b"v" * (MAX_BYTES + 1)), 413)


@pytest.mark.parametrize("path", ["/v1/rooms/room/publish", "/v1/images", "/v1/sessions/none"])
def test_a_compressed_body_is_refused_and_never_inflated(server: Running, path: str) -> None:
    method = "PATCH" if "sessions" in path else "POST"
    body = b"this cannot be inflated: who tries fails, and closes the connection"
    head = f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: image/png\r\nContent-Encoding: gzip\r\n"
    length = f"Content-Length: {len(body)}\r\n\r\n"
    answer, _ = raw(
        server, (head + length).encode() + body + b"GET /healthz HTTP/1.0\r\nHost: localhost\r\n\r\n", whole=True
    )
    assert answer.startswith(b"HTTP/1.1 415 ")
    assert b"HTTP/1.0 200 OK" in answer


def send_and_leave(server: Running, line: str, content_type: str, body: str) -> None:
    """Go away while the server builds the tracker that the request needs; return when the tracker may come."""
    server.pool.wanted.clear()
    server.pool.may_acquire.clear()
    head = f"{line} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall((head + body).encode())
        assert server.pool.wanted.wait(60)
    # When it answers this, the server has seen that the connection before is closed.
    assert server.sessions == 1
    server.pool.may_acquire.set()


def test_a_publisher_that_goes_away_before_its_answer_leaves_no_session(server: Running, offer: str) -> None:
    send_and_leave(server, "POST /v1/rooms/room/publish", "application/sdp", offer)
    wait_until(lambda: server.sessions == 0)
    assert server.sessions == 0, "it did not wait for the connect timeout, which is longer"


def test_a_change_is_finished_even_if_who_asked_for_it_goes_away(server: Running, offer: str) -> None:
    path = server.publish("room", offer).location
    send_and_leave(server, f"PATCH {path}", "application/json", '{"tracker": "hands"}')
    wait_until(lambda: server.ask("GET", path).json["settings"]["tracker"] == "hands")
    assert server.ask("GET", path).json["settings"]["tracker"] == "hands"
    assert len(server.pool.out) - len(server.pool.released) == 1, "the one before is back"
    server.ask("DELETE", path)


def credentials_of(link: str) -> tuple[str, str]:
    found = re.search(r'username="([^"]*)"; credential="([^"]*)"; credential-type="password"', link)
    assert found is not None
    return found.group(1), found.group(2)


def test_clients_are_told_of_ice_servers_with_credentials_that_verify(server: Running, offer: str) -> None:
    published = server.publish("room", offer)
    asked_before = server.ask("OPTIONS", "/v1/rooms/room/publish")
    assert asked_before.status == 204
    assert asked_before["Accept-Post"] == "application/sdp"
    for answer in (published, asked_before):
        stun, udp, tcp = answer.all("Link")
        assert stun == '<stun:127.0.0.1:3478>; rel="ice-server"'
        assert udp.startswith('<turn:127.0.0.1:3478?transport=udp>; rel="ice-server"; ')
        assert tcp.startswith('<turn:127.0.0.1:3478?transport=tcp>; rel="ice-server"; ')
        for link in (udp, tcp):
            username, credential = credentials_of(link)
            digest = hmac.new(SECRET.encode(), username.encode(), hashlib.sha1).digest()
            assert base64.b64decode(credential) == digest
            assert 0 < int(username.split(":")[0]) - time.time() <= 3600
    server.ask("DELETE", published.location)


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        (b"camera.example", "camera.example"),
        (b"camera.example:8443", "camera.example"),
        (b"192.0.2.7:8080", "192.0.2.7"),
        (b"[2001:db8::1]:8080", "[2001:db8::1]"),
        (b"[2001:db8::1]", "[2001:db8::1]"),
        (b"", "localhost"),
        (b'x>; rel="ice-server", <turn:evil.example', "localhost"),
        (b'"evil', "localhost"),
        (b"a b", "localhost"),
        (b"evil.example/path", "localhost"),
        (b"evil.example@other", "localhost"),
        (b"\xe9vil", "localhost"),
        (b"{host}", "localhost"),
    ],
)
def test_the_turn_host_is_the_one_that_the_client_used(server: Running, host: bytes, expected: str) -> None:
    answer, _ = raw(server, b"OPTIONS /v1/rooms/room/publish HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
    head = answer.decode("latin-1").split("\r\n")
    if head[0].startswith("HTTP/1.1 400"):
        assert expected == "localhost", "refused before it got to us"
        return
    links = [line.split(": ", 1)[1] for line in head if line.lower().startswith("link:")]
    assert len(links) == 3
    assert all(re.match(rf"<(stun|turn):{re.escape(expected)}:3478[?>]", link) for link in links)
    assert "evil" not in "".join(links)


def test_pages_of_allowed_origins_may_call_and_read_even_the_errors(server: Running, offer: str) -> None:
    origin = {"Origin": "https://app.example"}
    preflight = {**origin, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    answer = server.ask("OPTIONS", "/v1/rooms/room/publish", headers=preflight)
    assert answer.status == 200
    assert answer["Access-Control-Allow-Origin"] == "https://app.example"
    assert {"POST", "PATCH", "DELETE"} <= set(answer["Access-Control-Allow-Methods"].split(", "))
    assert {"content-type", "if-match"} <= set(answer["Access-Control-Allow-Headers"].lower().split(", "))
    published = server.publish("room", offer, **origin)
    refused = server.publish("room", offer, **origin)
    assert (published.status, refused.status) == (201, 409)
    for answer in (published, refused, server.ask("GET", "/v1/sessions/unknown", headers=origin)):
        assert answer["Access-Control-Allow-Origin"] == "https://app.example"
        assert {"Location", "Link", "ETag", "Retry-After"} <= set(answer["Access-Control-Expose-Headers"].split(", "))
        assert "Origin" in answer["Vary"]
    server.ask("DELETE", published.location)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.evil", "http://app.example"])
def test_pages_of_other_origins_stay_shut_out(server: Running, origin: str) -> None:
    for headers in ({"Origin": origin}, {"Origin": origin, "Access-Control-Request-Method": "POST"}):
        answer = server.ask("OPTIONS", "/v1/rooms/room/publish", headers=headers)
        assert answer.all("Access-Control-Allow-Origin") == []
    assert server.ask("GET", "/v1/info", headers={"Origin": origin}).all("Access-Control-Allow-Origin") == []


FORM = {"Content-Type": "multipart/form-data; boundary=b"}
"""A type that a browser sends to any server without asking it first."""


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://app.example.evil", "http://127.0.0.1:1"])
def test_pages_of_other_origins_change_and_cost_nothing(server: Running, offer: str, origin: str) -> None:
    path = server.publish("room", offer).location
    built = len(server.pool.out)
    for method, called in (
        ("POST", "/v1/images"),
        ("POST", "/v1/rooms/other/publish"),
        ("DELETE", path),
        ("PATCH", path),
    ):
        answer = server.ask(method, called, b"x", {**FORM, "Origin": origin, "Sec-Fetch-Site": "cross-site"})
        assert is_problem(answer, 403)
        assert answer.all("Access-Control-Allow-Origin") == []
    assert is_problem(server.publish("other", offer, Origin=origin), 403)
    assert len(server.pool.out) == built
    assert server.ask("DELETE", path).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://127.0.0.1:8080", "Host": "127.0.0.1:8080"},
        {"Origin": "https://Camera.example", "Host": "camera.example"},  # a proxy speaks HTTPS for us
        {"Origin": "http://[::1]:8080", "Host": "[::1]:8080"},
        {"Origin": "http://localhost:5173", "Host": "127.0.0.1:8080", "Sec-Fetch-Site": "same-origin"},
    ],
)
def test_our_own_page_may_call(server: Running, offer: str, headers: dict[str, str]) -> None:
    answer = server.publish("room", offer, **headers)
    assert answer.status == 201
    assert server.ask("DELETE", answer.location, headers=headers).status == 200


def test_the_page_keeps_to_itself(server: Running) -> None:
    page = server.ask("GET", "/")
    if page.status == 503:
        assert b"make setup" in page.body
        return
    assert page.status == 200
    assert page["Content-Type"].startswith("text/html")
    policy = dict(part.strip().split(" ", 1) for part in page["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["frame-ancestors"] == "'self'"
    assert "unsafe" not in page["Content-Security-Policy"]
    assert page["X-Content-Type-Options"] == "nosniff"
    assert "camera=(self)" in page["Permissions-Policy"]
    assert page["Cache-Control"] == "no-cache"
    asset = re.search(rb'src="\.?/?(assets/[^"]+)"', page.body)
    assert asset is not None
    script = server.ask("GET", f"/{asset.group(1).decode()}")
    assert script.status == 200
    assert "immutable" in script["Cache-Control"]


@pytest.mark.parametrize(
    "path",
    [
        "/../cli.py",
        "/assets/../../cli.py",
        "/%2e%2e/cli.py",
        "/%2e%2e%2fcli.py",
        "/..%5ccli.py",
        "//etc/passwd",
        "/assets/%00",
        "/index.html%00.js",
        "/assets/",
        "/assets",
        "/.git/config",
    ],
)
def test_nothing_but_the_web_app_is_served(server: Running, path: str) -> None:
    answer = server.ask("GET", path)
    assert answer.status in (400, 404)
    assert b"import" not in answer.body
    assert b"root:" not in answer.body


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/v1/nope", 404),
        ("GET", "/v1/nope", 404),
        ("POST", "/v1/rooms/a/b/publish", 404),
        ("GET", "/v1/rooms/room/publish", 405),
        ("GET", "/v1/images", 405),
        ("POST", "/", 405),
    ],
)
def test_a_mistyped_call_is_told_apart_from_a_wrong_method(
    server: Running, method: str, path: str, status: int
) -> None:
    assert is_problem(server.ask(method, path), status)


METRICS = {
    "mocast_sessions": "gauge",
    "mocast_sessions_max": "gauge",
    "mocast_sessions_started": "counter",
    "mocast_frames_in": "counter",
    "mocast_frames_tracked": "counter",
    "mocast_frames_dropped": "counter",
    "mocast_frames_sent": "counter",
    "mocast_landmarks_sent": "counter",
    "mocast_landmarks_dropped": "counter",
    "mocast_tracker_failures": "counter",
    "mocast_tracking_seconds": "histogram",
    "mocast_delay_seconds": "histogram",
    "mocast_queue_depth": "gauge",
    "mocast_slots": "gauge",
    "mocast_slots_free_seconds": "counter",
    "mocast_asked_fps": "gauge",
    "mocast_loop_lag_seconds": "gauge",
    "mocast_loop_timer_lateness_seconds": "histogram",
    "mocast_build_info": "gauge",
}


def metrics(server: Running) -> dict[str, float]:
    answer = server.ask("GET", "/metrics")
    assert answer["Content-Type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.body.decode())}
    assert {name: families[name].type for name in METRICS} == METRICS
    assert all(families[name].documentation for name in METRICS)
    assert "process_resident_memory_bytes" in families
    return {
        sample.name: sample.value for name in METRICS for sample in families[name].samples if "le" not in sample.labels
    }


async def test_metrics_count_live_and_ended_sessions_alike(server: Running) -> None:
    before = await asyncio.to_thread(metrics, server)
    peer = Peer()
    path = await connect(server, peer)
    await peer.until(lambda: len(peer.frames) >= 10)
    during = await asyncio.to_thread(metrics, server)
    assert (during["mocast_sessions"], during["mocast_sessions_max"]) == (1, 3)
    assert during["mocast_sessions_started_total"] == before["mocast_sessions_started_total"] + 1
    await asked(server, "DELETE", path)
    after = await asyncio.to_thread(metrics, server)
    await peer.close()
    assert after["mocast_sessions"] == 0
    assert after["mocast_frames_in_total"] >= during["mocast_frames_in_total"] >= before["mocast_frames_in_total"] + 10
    assert after["mocast_delay_seconds_count"] >= before["mocast_delay_seconds_count"] + 10
    assert all(after[name] >= value for name, value in before.items() if name.endswith(("_total", "_count")))
    assert after["mocast_tracking_seconds_count"] == after["mocast_frames_tracked_total"]


def test_metrics_come_as_open_metrics_to_who_asks_for_it(server: Running) -> None:
    answer = server.ask("GET", "/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer["Content-Type"].startswith("application/openmetrics-text")
    assert answer.body.endswith(b"# EOF\n")


def test_a_server_is_ready_when_its_trackers_are_and_healthy_before() -> None:
    with running(warm=False) as server:
        assert server.ask("GET", "/healthz").status == 200
        not_yet = server.ask("GET", "/readyz")
        assert is_problem(not_yet, 503)
        assert int(not_yet["Retry-After"]) > 0
        assert server.ask("GET", "/v1/info").json["ready"] is False
        server.pool.may_warm.set()
        wait_until(lambda: server.ask("GET", "/readyz").status == 200)
        assert server.ask("GET", "/readyz").status == 200
        assert server.ask("GET", "/v1/info").json["ready"] is True


async def test_a_server_that_stops_takes_its_live_sessions_with_it() -> None:
    peer = Peer()
    with running() as server:
        await connect(server, peer)
        await peer.until(lambda: len(peer.frames) >= 3)
    # The context checks that the server ended without an error and within its time.
    await peer.until(lambda: any(m.get("notice") == "draining" for m in peer.control_messages))
    assert sorted(map(id, server.pool.out)) == sorted(map(id, server.pool.released))
    await peer.close()


def test_a_stop_takes_its_time_once_even_if_a_session_and_its_request_hang(offer: str) -> None:
    late: list[str] = []

    async def wait() -> None:
        """On the loop that stops, so that what delays the one delays the other."""
        for _ in range(15):
            await asyncio.sleep(0.25)
        late.append("twice the time would be 4 s")

    with running(shutdown_timeout_s=2) as server:
        server.pool.may_acquire.clear()
        publishing = threading.Thread(target=lambda: suppress_gone(lambda: server.publish("room", offer)))
        publishing.start()
        assert server.pool.wanted.wait(60)
        asyncio.run_coroutine_threadsafe(wait(), server.loop)
        server.stop()
        wait_until(lambda: server.pool.closed)
        assert late == []
        server.pool.may_acquire.set()
    publishing.join(HANG_S)


def suppress_gone(call: Callable[[], object]) -> None:
    """Make a call whose answer never comes."""
    with suppress(ConnectionError, HTTPException):
        call()


@given(mutated_offers())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_a_malformed_offer_is_taken_or_refused_and_never_an_error_of_ours(server: Running, body: bytes) -> None:
    answer = server.publish("room", body)
    assert answer.status in (201, 400, 413, 422), (answer.status, body)
    if answer.status == 201:
        assert answer.body.startswith(b"v=0\r\n")
        assert server.ask("DELETE", answer.location).status == 200
    else:
        assert is_problem(answer, answer.status)
    assert server.sessions == 0
    assert len(server.pool.out) == len(server.pool.released)


@given(st.binary(max_size=300))
@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_bytes_that_are_no_offer_are_refused(server: Running, body: bytes) -> None:
    assert server.publish("room", body).status in (400, 422)
