"""WHEP (draft-ietf-wish-whep) over real HTTP, as its players speak it; `docs/whip-conformance.md` names these tests."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest

from tests.integration.http_server import Answer, Running, running
from tests.integration.test_whip import SDP, TRICKLE, is_problem
from tests.offers import media_lines, obs_offer
from tests.peers import Peer


@pytest.fixture(scope="module")
def server() -> Iterator[Running]:
    with running(max_viewers=2) as server:
        yield server


def player_offer(codec: str = "H264") -> str:
    """What a player that is no browser offers: sound and picture, to receive."""
    return obs_offer(codec=codec).replace("a=sendonly", "a=recvonly")


@pytest.fixture
def publisher(server: Running) -> Iterator[None]:
    """Somebody publishes in the room."""
    answer = server.ask("POST", "/whip/studio", obs_offer(), SDP)
    assert answer.status == 201
    yield
    assert server.ask("DELETE", answer.location).status == 200


def post(server: Running, offer: str | bytes, address: str = "/whep/studio", **headers: str) -> Answer:
    return server.ask("POST", address, offer, {**SDP, **headers})


@asynccontextmanager
async def joined(server: Running, peer: Peer, address: str) -> AsyncIterator[Answer]:
    """Publish to a room, or watch it, while the context lasts."""
    answer = await asyncio.to_thread(post, server, await peer.offer(), address)
    assert answer.status == 201, answer.body
    await peer.accept(answer.body.decode())
    yield answer
    assert (await asyncio.to_thread(server.ask, "DELETE", answer.location)).status == 200
    await peer.close()


async def test_a_player_sees_the_picture_until_it_deletes_its_session(server: Running) -> None:
    async with (
        joined(server, Peer(direction="sendonly", landmarks=None, control=False), "/whip/studio"),
        joined(server, player := Peer(direction="recvonly", landmarks=None, control=False), "/whep/studio") as answer,
    ):
        assert answer["Location"].startswith("/whep/studio/")
        assert "a=sendonly" in media_lines(answer.body.decode())["video"]
        await player.until(lambda: len(player.frames) >= 3)


def test_a_room_in_which_nobody_publishes_is_a_409_with_a_time_to_come_again(server: Running) -> None:
    answer = post(server, player_offer())
    assert is_problem(answer, 409)
    assert int(answer["Retry-After"]) > 0
    assert server.ask("GET", "/v1/rooms/studio").status == 404, "the call left no room behind"


@pytest.mark.parametrize("codec", ["H264", "VP8"])
@pytest.mark.parametrize("direction", ["recvonly", "sendrecv"])
def test_an_offer_is_answered_as_sendonly_in_one_transport(
    server: Running, publisher: None, codec: str, direction: str
) -> None:
    answer = post(server, player_offer(codec).replace("recvonly", direction))
    assert (answer.status, answer["Content-Type"]) == (201, "application/sdp")
    assert answer["ETag"].startswith('"')
    media = media_lines(answer.body.decode())
    assert {"a=sendonly", f"a=rtpmap:96 {codec}/90000", "a=rtcp-mux", "a=rtcp-mux-only"} <= set(media["video"])
    assert {"a=sendonly", "a=rtpmap:111 opus/48000/2"} <= set(media["audio"])
    assert b"a=ice-lite" not in answer.body
    assert len({line.split()[0] for lines in media.values() for line in lines if line.startswith("a=msid:")}) == 1
    assert any(line.startswith("a=candidate:") for line in media["audio"])
    assert server.ask("DELETE", answer.location).status == 200


@pytest.mark.parametrize(
    ("offer", "status"),
    [
        (player_offer().replace("recvonly", "sendonly"), 422),
        (player_offer().replace("recvonly", "inactive"), 422),
        (player_offer("AV1"), 422),
        ("hello", 422),
        (player_offer().replace("m=video 9 UDP/TLS/RTP/SAVPF 96", "m=video"), 400),
    ],
)
def test_an_offer_that_cannot_be_played_is_refused(server: Running, publisher: None, offer: str, status: int) -> None:
    assert is_problem(post(server, offer), status)


def test_an_offer_of_another_type_is_refused(server: Running, publisher: None) -> None:
    assert is_problem(post(server, player_offer(), **{"Content-Type": "text/plain"}), 415)


def test_head_tells_that_an_address_is_wheps_and_get_has_no_content(server: Running) -> None:
    head, get = (server.ask(method, "/whep/studio") for method in ("HEAD", "GET"))
    assert (head.status, head["Content-Type"], head.body) == (200, "application/sdp", b"")
    assert (get.status, get.body) == (200, b"")
    changing = {"Date"}
    assert {pair for pair in head.headers if pair[0] not in changing} == {
        p for p in get.headers if p[0] not in changing
    }
    options = server.ask("OPTIONS", "/whep/studio")
    assert (options.status, options["Accept-Post"]) == (200, "application/sdp")


def test_a_sessions_address_takes_candidates_and_its_end_alone(server: Running, publisher: None) -> None:
    answer = post(server, player_offer())
    fragment = "a=ice-ufrag:hQ7x\r\na=mid:0\r\na=candidate:1 1 udp 1 192.0.2.1 5000 typ host\r\n"
    matching = {**TRICKLE, "If-Match": answer["ETag"]}
    for body, headers, status in (
        (fragment, matching, 204),
        (fragment, TRICKLE, 428),
        (fragment, {**TRICKLE, "If-Match": '"stale"'}, 412),
        (fragment.replace("hQ7x", "ysXw"), {**TRICKLE, "If-Match": "*"}, 422),
        ("foo", matching, 400),
        (player_offer(), {**matching, **SDP}, 415),
    ):
        patched = server.ask("PATCH", answer.location, body, headers)
        assert (patched.status, patched.all("ETag")) == (status, [])
    shown = server.ask("GET", answer.location)
    assert (shown.status, shown.body) == (204, b"")
    assert server.ask("DELETE", answer.location, None, {"If-Match": '"stale"'}).status == 200


def test_more_players_than_there_may_be_are_told_when_to_come_again(server: Running, publisher: None) -> None:
    taken = [post(server, player_offer()) for _ in range(2)]
    full = post(server, player_offer())
    assert is_problem(full, 503)
    assert int(full["Retry-After"]) > 0
    for answer in taken:
        server.ask("DELETE", answer.location)


def test_the_location_of_who_has_a_token_in_the_address_has_none() -> None:
    with running(auth="token", token="a-secret-of-the-operator") as server:
        published = server.ask("POST", "/whip/studio?access_token=a-secret-of-the-operator", obs_offer(), SDP)
        bearer = {"Authorization": "Bearer a-secret-of-the-operator"}
        watched = post(server, player_offer(), **bearer)
        for answer in (published, watched):
            assert answer.status == 201
            assert not any("secret" in value for _, value in answer.headers)
            without = server.ask("DELETE", answer.location)
            assert is_problem(without, 401)
            assert without["WWW-Authenticate"] == "Bearer"
            assert server.ask("DELETE", answer.location, None, bearer).status == 200
