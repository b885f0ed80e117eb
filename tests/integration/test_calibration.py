"""Calibration over the control channel: while others wait for nothing, once at a time, and never for a face unseen."""

import asyncio

import pytest

from mocast.errors import NotFound
from mocast.model.options import RigOptions
from tests.fakes import CountingRigger
from tests.peers import Peer
from tests.rooms import LANDMARKS_ONLY, gone, open_rooms, publish

MOST_SECONDS = 10

EMPTY = {"version": 1, "face": None, "body": None}


async def test_a_calibration_is_measured_though_nobody_wants_rigs_and_other_commands_go_on() -> None:
    rigger = CountingRigger()
    rigger.may_measure.clear()
    async with open_rooms(rigger=lambda options: rigger) as rooms:
        peer = Peer()
        session = await publish(rooms, peer, options=LANDMARKS_ONLY)
        await peer.until(lambda: peer.landmark_messages and peer.control_messages)
        assert len(session.room.streams["rig"].fanout) == 0
        peer.command(type="calibrate", id=1, seconds=MOST_SECONDS)
        peer.command(type="calibrate", id=2)
        peer.command(type="ping", id=3)
        assert (await peer.answer_to(3))["type"] == "pong"
        assert (await peer.answer_to(2))["status"] == 409, "one at a time"
        assert not any(message.get("id") == 1 for message in peer.control_messages)
        rigger.may_measure.set()
        assert await peer.answer_to(1) == {"type": "calibration", "id": 1, "calibration": EMPTY}
        assert session.calibration.to_json() == EMPTY
        assert len(session.room.streams["rig"].fanout) == 0
        await peer.close()


async def test_a_calibration_is_given_back_and_forgotten() -> None:
    async with open_rooms() as rooms:
        peer = Peer()
        session = await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages)
        peer.command(type="calibration", id=1, calibration=EMPTY)
        assert (await peer.answer_to(1))["calibration"] == EMPTY
        peer.command(type="calibration", id=2, calibration={"version": 1, "face": "no"})
        assert (await peer.answer_to(2))["status"] == 422
        peer.command(type="calibration", id=5)
        assert (await peer.answer_to(5))["status"] == 422, "null forgets it; nothing at all is a mistake"
        assert session.calibration.to_json() == EMPTY
        peer.command(type="calibration", id=3, calibration=None)
        assert (await peer.answer_to(3))["calibration"] is None
        peer.command(type="calibrate", id=4, seconds="long")
        assert (await peer.answer_to(4))["status"] == 422
        await peer.close()


async def test_each_person_has_a_calibration_of_their_own() -> None:
    async with open_rooms() as rooms:
        peer = Peer()
        session = await publish(rooms, peer)
        await peer.until(lambda: peer.frames)
        peer.command(type="calibrate", id=1, person=2)
        assert (await peer.answer_to(1))["calibration"] == EMPTY
        assert [session.calibration.to_json(person) for person in range(4)] == [None, None, EMPTY, None]
        peer.command(type="calibration", id=2, calibration=EMPTY, person=1)
        assert (await peer.answer_to(2))["calibration"] == EMPTY
        peer.command(type="calibration", id=3, calibration=None, person=2)
        assert (await peer.answer_to(3))["calibration"] is None
        assert [session.calibration.to_json(person) for person in range(4)] == [None, EMPTY, None, None]
        peer.command(type="calibration", id=4, calibration=None, person=4)
        assert (await peer.answer_to(4))["status"] == 422
        peer.command(type="calibrate", id=5, person="everybody")
        assert (await peer.answer_to(5))["status"] == 422
        await peer.close()


async def test_without_a_face_there_is_no_calibration() -> None:
    def blind(options: RigOptions) -> CountingRigger:
        rigger = CountingRigger(options)
        rigger.sees_face = False
        return rigger

    async with open_rooms(rigger=blind) as rooms:
        peer = Peer()
        await publish(rooms, peer)
        await peer.until(lambda: peer.control_messages and peer.frames)
        peer.command(type="calibrate", id=1)
        assert (await peer.answer_to(1))["status"] == 409
        await peer.close()


async def test_a_session_that_ends_gives_its_calibration_up() -> None:
    rigger = CountingRigger()
    rigger.may_measure.clear()
    async with open_rooms(rigger=lambda options: rigger) as rooms:
        peer = Peer()
        session = await publish(rooms, peer)
        await peer.until(lambda: peer.frames)
        measuring = asyncio.create_task(session.calibration.measure({"seconds": MOST_SECONDS}))
        await asyncio.sleep(0)
        assert len(session.room.streams["rig"].fanout) == 1
        session.end("the client left")
        await gone(rooms, session)
        with pytest.raises(NotFound):
            await asyncio.wait_for(measuring, 60)
        assert len(session.room.streams["rig"].fanout) == 0
        await peer.close()


async def test_a_publisher_that_sends_no_picture_loses_its_place() -> None:
    async with open_rooms(media_timeout_s=0.3) as rooms:
        silent = Peer(direction="recvonly")
        session = await publish(rooms, silent)
        await gone(rooms, session)
        assert session._reason == "no picture within 0.3 s"
        await silent.close()
