"""WHIP (RFC 9725) over real HTTP, as its clients speak it; `docs/whip-conformance.md` names these tests."""

import asyncio
import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest

from mocast.rooms import registry
from tests.integration.http_server import Answer, Running, running
from tests.offers import FINGERPRINT, media_lines, obs_offer
from tests.peers import HANG_S, Peer

SDP = {"Content-Type": "application/sdp"}
TRICKLE = {"Content-Type": "application/trickle-ice-sdpfrag"}
ALLOWED = "https://app.example"
CANDIDATE = "a=candidate:1 1 udp 2130706431 192.0.2.1 61764 typ host generation 0 ufrag hQ7x network-id 1\r\n"
FRAGMENT = (
    "a=group:BUNDLE 0 1\r\na=ice-ufrag:hQ7x\r\na=ice-pwd:7Zb0nWk2uLxq4TtVh1mRcDpE\r\n"
    f"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n{CANDIDATE}"
)
RESTART = FRAGMENT.replace("a=ice-ufrag:hQ7x", "a=ice-ufrag:ysXw").replace("7Zb0nWk2uLxq4TtVh1mRcDpE", "x" * 24)


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    settings = {"max_sessions": 2, "stun_urls": "stun:{host}:3478", "allowed_origins": ALLOWED}
    with running(**settings) as server:
        yield server


@pytest.fixture(autouse=True)
def nothing_is_left(server: Running) -> Iterator[None]:
    yield
    assert server.sessions == 0


def post(server: Running, offer: str | bytes, address: str = "/whip/studio", **headers: str) -> Answer:
    return server.ask("POST", address, offer, {**SDP, **headers})


@pytest.fixture
def session(server: Running) -> Iterator[Answer]:
    """The answer to OBS's offer, while its session lives."""
    answer = post(server, obs_offer())
    assert answer.status == 201, answer.body
    yield answer
    assert server.ask("DELETE", answer.location).status == 200


def is_problem(answer: Answer, status: int) -> bool:
    return (
        answer.status == status and answer["Content-Type"] == "application/problem+json" and bool(answer.json["detail"])
    )


# The endpoint


@pytest.mark.parametrize("transport", ["media", "session"])
def test_the_offer_of_obs_is_answered_with_201_and_its_session(server: Running, transport: str) -> None:
    answer = post(server, obs_offer(transport=transport))  # type: ignore[arg-type]
    assert (answer.status, answer["Content-Type"]) == (201, "application/sdp")
    assert re.fullmatch(r'"[0-9a-f]{16}"', answer["ETag"])
    assert re.fullmatch(r"/whip/studio/[A-Za-z0-9_-]{24}", answer["Location"])
    assert answer.all("Link") == ['<stun:127.0.0.1:3478>; rel="ice-server"']
    media = media_lines(answer.body.decode())
    video = media["video"]
    assert {"a=rtpmap:111 opus/48000/2", "a=recvonly"} <= set(media["audio"])
    assert "a=rtpmap:96 H264/90000" in video
    assert {"profile-level-id=42e01f", "packetization-mode=1"} <= set(fmtp(video, 96).split(";"))
    assert "a=recvonly" in video
    assert server.ask("DELETE", answer.location).status == 200


def fmtp(lines: list[str], payload_type: int) -> str:
    (found,) = (line.partition(" ")[2] for line in lines if line.startswith(f"a=fmtp:{payload_type} "))
    return found


def test_vp8_is_answered_with_vp8(server: Running) -> None:
    answer = post(server, obs_offer(codec="VP8"))
    video = media_lines(answer.body.decode())["video"]
    assert [line for line in video if line.startswith("a=rtpmap:")] == ["a=rtpmap:96 VP8/90000"]
    server.ask("DELETE", answer.location)


def test_the_answer_has_one_transport_and_all_of_the_servers_candidates(session: Answer) -> None:
    answer = session.body.decode()
    media = media_lines(answer)
    assert "a=group:BUNDLE 0 1" in answer
    assert "a=ice-lite" not in answer
    assert "a=ice-options:trickle" in answer.split("\r\nm=")[0].splitlines()
    for lines in media.values():
        assert "a=rtcp-mux" in lines
        assert "a=rtcp-mux-only" in lines
        assert lines[0].split()[1] != "0", "no media line is refused by itself"
    assert len({line for line in answer.splitlines() if line.startswith("a=ice-ufrag:")}) == 1
    assert len({line.split()[0] for line in answer.splitlines() if line.startswith("a=msid:")}) == 1
    assert any(line.startswith("a=candidate:") for line in media["audio"])
    assert "a=end-of-candidates" in media["audio"]


@pytest.mark.parametrize(("setup", "answered"), [("actpass", {"active", "passive"}), ("active", {"passive"})])
def test_a_client_may_be_the_one_that_begins_dtls(server: Running, setup: str, answered: set[str]) -> None:
    answer = post(server, obs_offer().replace("a=setup:actpass", f"a=setup:{setup}"))
    roles = {line.removeprefix("a=setup:") for line in answer.body.decode().splitlines() if line.startswith("a=setup:")}
    assert roles <= answered
    server.ask("DELETE", answer.location)


def test_layers_are_not_taken_and_the_answer_says_so_by_not_naming_them(server: Running) -> None:
    answer = post(server, obs_offer(simulcast=True))
    assert answer.status == 201
    assert b"simulcast" not in answer.body
    assert b"a=rid:" not in answer.body
    server.ask("DELETE", answer.location)


@pytest.mark.parametrize("content_type", ["application/json", "text/plain", ""])
def test_an_offer_of_another_type_is_refused_and_told_which_is_taken(server: Running, content_type: str) -> None:
    answer = post(server, obs_offer(), **{"Content-Type": content_type})
    assert is_problem(answer, 415)
    assert answer["Accept-Post"] == "application/sdp"


@pytest.mark.parametrize(
    "offer",
    [
        "",
        "hello",
        obs_offer().replace("m=video 9 UDP/TLS/RTP/SAVPF 96", "m=video"),
        obs_offer().replace(FINGERPRINT, ""),
        obs_offer().replace("a=ice-ufrag:hQ7x\r\n", ""),
        obs_offer().replace("a=group:BUNDLE 0 1", "a=group:BUNDLE 9 0 1"),
    ],
)
def test_a_malformed_offer_is_refused_with_4xx(server: Running, offer: str) -> None:
    answer = post(server, offer)
    assert answer.status in (400, 422)
    assert is_problem(answer, answer.status)


VIDEO = obs_offer()[obs_offer().index("m=video") :]
LAST_LINE = "\r\na=setup:actpass\r\na=ice-ufrag:hQ7x\r\na=ice-pwd:7Zb0nWk2uLxq4TtVh1mRcDpE\r\n"


@pytest.mark.parametrize(
    ("offer", "why"),
    [
        (obs_offer() + VIDEO.replace("a=mid:1", "a=mid:2"), "lines of video"),
        (obs_offer() + f"m=text 9 UDP/TLS/RTP/SAVPF 98\r\na=mid:2{LAST_LINE}", '"text"'),
        (obs_offer(codec="AV1"), "VP8 or H264"),
        (obs_offer(codec="H265"), "VP8 or H264"),
        (obs_offer().replace("opus/48000/2", "PCMU/8000"), "OPUS"),
        (obs_offer().replace("a=sendonly", "a=recvonly"), "sendonly"),
        (obs_offer().replace("a=sendonly", "a=inactive"), "sendonly"),
        (obs_offer().split("m=video")[0], "no video"),
    ],
)
def test_an_offer_is_taken_whole_or_not_at_all(server: Running, offer: str, why: str) -> None:
    answer = post(server, offer)
    assert is_problem(answer, 422)
    assert why in answer.json["detail"]


def test_there_is_nothing_to_get_at_the_endpoint_and_other_methods_do_nothing(server: Running, session: Answer) -> None:
    for method in ("GET", "HEAD"):
        answer = server.ask(method, "/whip/studio")
        assert (answer.status, answer.body, answer["Content-Length"]) == (200, b"", "0")
    for method in ("GET", "HEAD"):
        answer = server.ask(method, session.location)
        assert (answer.status, answer.body) == (204, b"")
    for method, address in (("PUT", "/whip/studio"), ("DELETE", "/whip/studio"), ("POST", session.location)):
        answer = server.ask(method, address)
        assert is_problem(answer, 405)
        assert "OPTIONS" in answer["Allow"].split(",")
    for room in ("a%20b", "x" * 65):
        for method in ("GET", "OPTIONS", "POST"):
            assert is_problem(server.ask(method, f"/whip/{room}", "", SDP), 400)


def test_what_a_publisher_may_ask_for_is_in_the_query_and_no_picture_comes_back_by_default(server: Running) -> None:
    offer = obs_offer().replace("a=sendonly", "a=sendrecv")
    for query, direction in (("?tracker=pose&mirror=true", "recvonly"), ("?return=video", "sendrecv")):
        answer = post(server, offer, f"/whip/studio{query}")
        assert f"a={direction}" in media_lines(answer.body.decode())["video"]
        shown = server.ask("GET", f"/v1/sessions/{answer.location.rsplit('/', 1)[1]}").json
        assert (shown["settings"]["mirror"], shown["room"]) == ("mirror" in query, "studio")
        server.ask("DELETE", answer.location)
    wrong = post(server, offer, "/whip/studio?tracker=elbow")
    assert is_problem(wrong, 422)
    assert wrong.json["errors"][0]["parameter"] == "tracker"


def test_a_full_server_and_a_taken_room_are_told_apart(server: Running) -> None:
    taken = [post(server, obs_offer(), f"/whip/room{number}") for number in range(2)]
    full = post(server, obs_offer(), "/whip/another")
    assert is_problem(full, 503)
    assert int(full["Retry-After"]) > 0
    busy = post(server, obs_offer(), "/whip/room0")
    assert is_problem(busy, 409)
    assert int(busy["Retry-After"]) > 0
    for answer in taken:
        assert server.ask("DELETE", answer.location).status == 200


# The session's address


def obs_address(call: str, location: str) -> str:
    """What OBS makes of ``Location``: one that does not begin with ``http`` becomes the whole path."""
    if location.startswith("http"):
        return location
    return urlsplit(call)._replace(path=location, query="").geturl()


@pytest.mark.parametrize(
    ("call", "headers", "path"),
    [
        ("http://127.0.0.1:8080/whip/studio", {}, "/whip/studio/"),
        (
            "https://cam.example/motion/whip/studio?mirror=true",
            {"X-Forwarded-Prefix": "/motion"},
            "/motion/whip/studio/",
        ),
        ("https://cam.example/a/b/whip/studio", {"X-Forwarded-Prefix": "/a/b/"}, "/a/b/whip/studio/"),
    ],
)
def test_obs_and_who_follows_the_standard_find_the_session(
    server: Running, call: str, headers: dict[str, str], path: str
) -> None:
    answer = post(server, obs_offer(), **headers)
    for found in (obs_address(call, answer["Location"]), urljoin(call, answer["Location"])):
        assert found.startswith(urljoin(call, path))
    assert server.ask("DELETE", f"/whip/studio/{answer['Location'].rsplit('/', 1)[1]}").status == 200


@pytest.mark.parametrize(
    "prefix", ["//evil.example", "motion", "/a b", "https://evil.example", "/..%2f", "/" + "a" * 65]
)
def test_what_is_no_path_is_no_prefix(server: Running, prefix: str) -> None:
    answer = post(server, obs_offer(), **{"X-Forwarded-Prefix": prefix})
    assert answer["Location"].startswith("/whip/studio/")
    server.ask("DELETE", answer.location)


# Trickle ICE and restarts


def patch(server: Running, session: Answer, body: str | bytes, **headers: str) -> Answer:
    return server.ask("PATCH", session.location, body, {**TRICKLE, **headers})


@pytest.mark.parametrize("match", ["{}", "*", '"*"', '"other", {}', '"a,b" ,{}', 'W/"weak", {}'])
def test_candidates_are_taken_for_the_session_that_if_match_names(server: Running, session: Answer, match: str) -> None:
    answer = patch(server, session, FRAGMENT, **{"If-Match": match.format(session["ETag"])})
    assert (answer.status, answer.body) == (204, b"")
    assert answer.all("ETag") == []


def test_candidates_for_another_session_are_refused(server: Running, session: Answer) -> None:
    assert is_problem(patch(server, session, FRAGMENT), 428)
    for match in ('"other"', f"W/{session['ETag']}", session["ETag"].strip('"'), '"a", "b"', "x"):
        assert is_problem(patch(server, session, FRAGMENT, **{"If-Match": match}), 412), match


def test_candidates_that_cannot_be_used_are_passed_over(server: Running, session: Answer) -> None:
    odd = (
        "a=candidate:2 1 sctp 1 192.0.2.1 9 typ host\r\na=candidate:3 1 udp 1 no.such.host.example 5000 typ host\r\n"
        "a=candidate:4 1 tcp 1 192.0.2.1 9 typ host tcptype active\r\na=candidate:nonsense\r\na=end-of-candidates\r\n"
    )
    assert patch(server, session, FRAGMENT + odd, **{"If-Match": session["ETag"]}).status == 204


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("application/sdp", FRAGMENT, 415),
        ("application/json", '{"mirror": true}', 415),
        ("application/trickle-ice-sdpfrag", "foo\r\n", 400),
        ("application/trickle-ice-sdpfrag", b"a=mid:\xff", 400),
        ("application/trickle-ice-sdpfrag", "a=x\r\n" * 4000, 413),
    ],
)
def test_what_is_no_fragment_is_refused(
    server: Running, session: Answer, content_type: str, body: str | bytes, status: int
) -> None:
    answer = patch(server, session, body, **{"If-Match": "*", "Content-Type": content_type})
    assert is_problem(answer, status)
    if status == 415:
        assert answer["Accept-Patch"] == "application/trickle-ice-sdpfrag"


def test_a_session_is_found_in_its_room_and_its_protocol_alone(server: Running, session: Answer) -> None:
    session_id = session.location.rsplit("/", 1)[1]
    for address in (f"/whip/other/{session_id}", f"/whep/studio/{session_id}", "/whip/studio/guess"):
        for method in ("GET", "PATCH", "DELETE", "OPTIONS"):
            assert is_problem(server.ask(method, address, FRAGMENT, {**TRICKLE, "If-Match": "*"}), 404)
    assert server.ask("GET", f"/v1/sessions/{session_id}").status == 200, "it is a session like any other"


async def test_a_restart_of_ice_is_refused_and_the_session_goes_on(server: Running) -> None:
    peer = Peer(direction="sendonly")
    answer = await asyncio.to_thread(post, server, await peer.offer())
    await peer.accept(answer.body.decode())
    await peer.until(lambda: len(peer.landmark_messages) >= 3)
    refused = await asyncio.to_thread(patch, server, answer, RESTART, **{"If-Match": "*"})
    assert is_problem(refused, 422)
    assert refused.all("ETag") == []
    seen = len(peer.landmark_messages)
    await peer.until(lambda: len(peer.landmark_messages) >= seen + 5)
    await asyncio.to_thread(server.ask, "DELETE", answer.location)
    await peer.close()


async def test_a_session_from_offer_without_candidates_to_delete(server: Running) -> None:
    """Neither its offer nor a PATCH has a candidate: its address is learnt from its checks, as OBS's is."""
    peer, closed = Peer(direction="sendonly"), asyncio.Event()
    peer.pc.on("connectionstatechange", lambda: closed.set() if peer.pc.connectionState == "closed" else None)
    bare = re.sub(r"a=(candidate:.*|end-of-candidates)\r\n", "", await peer.offer())
    answer = await asyncio.to_thread(post, server, bare)
    assert "a=recvonly" in media_lines(answer.body.decode())["video"]
    await peer.accept(answer.body.decode())
    await peer.until(lambda: len(peer.landmark_messages) >= 5)
    ended = await asyncio.to_thread(server.ask, "DELETE", answer.location, None, {"If-Match": '"of another session"'})
    assert (ended.status, ended.body) == (200, b"")
    assert is_problem(await asyncio.to_thread(server.ask, "DELETE", answer.location), 404)
    async with asyncio.timeout(25):  # by DTLS's own goodbye: aioice notices that consent expired after 30 s
        await closed.wait()
    await peer.close()


# Pages of other origins


def test_pages_of_allowed_origins_may_ask_first(server: Running, session: Answer) -> None:
    asked = {"Origin": ALLOWED, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "if-match"}
    for address, name, media_type in (
        ("/whip/studio", "Accept-Post", "application/sdp"),
        (session.location, "Accept-Patch", "application/trickle-ice-sdpfrag"),
    ):
        preflight = server.ask("OPTIONS", address, None, asked)
        assert (preflight.status, preflight["Access-Control-Allow-Origin"], preflight[name]) == (
            200,
            ALLOWED,
            media_type,
        )
        assert preflight.all("Link") == [], "credentials are not made for what no page can read"
        assert {"authorization", "if-match"} <= set(preflight["Access-Control-Allow-Headers"].lower().split(", "))
        plain = server.ask("OPTIONS", address)
        assert (plain.status, plain[name]) == (200, media_type)
        readable = set(
            server.ask("OPTIONS", address, None, {"Origin": ALLOWED})["Access-Control-Expose-Headers"].split(", ")
        )
        assert {"Location", "Link", "ETag", "Accept-Post", "Accept-Patch"} <= readable
    assert server.ask("OPTIONS", "/whip/studio").all("Link") != [], (
        "for clients that need ICE servers before their offer"
    )
    foreign = server.ask("OPTIONS", "/whip/studio", None, {**asked, "Origin": "https://evil.example"})
    assert foreign.all("Access-Control-Allow-Origin") == []
    assert foreign.all("Link") == []


# Encoders that come back


async def test_an_encoder_that_died_takes_the_place_of_its_silent_session(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mocast.rooms.session.BITRATE_CHECK_EVERY_S", 0.1)
    peer = Peer(direction="sendonly")
    first = await asyncio.to_thread(post, server, await peer.offer())
    await peer.accept(first.body.decode())
    await peer.until(lambda: len(peer.landmark_messages) >= 3)
    assert (await asyncio.to_thread(post, server, obs_offer())).status == 409, "it is there"
    peer.vanish()
    monkeypatch.setattr(registry, "SILENCE_S", 0.5)
    async with asyncio.timeout(HANG_S):
        while (second := await asyncio.to_thread(post, server, obs_offer())).status == 409:  # noqa: ASYNC110 (as it does)
            await asyncio.sleep(0.1)
    assert second.status == 201
    await asyncio.to_thread(server.wait_gone, first.location)
    await asyncio.to_thread(server.ask, "DELETE", second.location)
    await peer.close()
