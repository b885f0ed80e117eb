import asyncio
import threading
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta, tzinfo
from io import FileIO
from pathlib import Path
from typing import Any

import pytest
from tests import motions
from tests.fakes import HeldRoom, HeldRooms
from tests.golden import make
from tests.polling import until

from mocast.errors import Conflict, Forbidden, NotFound, TooManyRequests, Unavailable
from mocast.model.principal import GRANTS, Principal
from mocast.recordings import recorder as recorder_module
from mocast.recordings import registry as registry_module
from mocast.recordings.recording import Recording
from mocast.recordings.recording_list import RecordingLimits
from mocast.recordings.registry import Recordings

BOTH = ("landmarks", "rig")
LIMITS = RecordingLimits(kept=3)


def publish(room: HeldRoom, count: int) -> None:
    """Send frames through a room."""
    for number in range(count):
        room.streams["landmarks"].fanout.send(make.frame(number, pose=make.pose(number)))
        room.streams["rig"].fanout.send(motions.rig(number))


@asynccontextmanager
async def opened(
    folder: Path | None, rooms: HeldRooms | None = None, **limits: Any
) -> AsyncIterator[tuple[Recordings, HeldRooms]]:
    rooms = rooms or HeldRooms()
    with ThreadPoolExecutor(2) as workers:
        recordings = Recordings(rooms, replace(LIMITS, **limits), folder, workers)
        await recordings.open()
        try:
            yield recordings, rooms
        finally:
            async with asyncio.timeout(60):
                await recordings.close()


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*"))


async def gone(path: Path) -> None:
    await until(lambda: not path.exists())


class Apart(datetime):
    """Each reading of the clock is a second after the one before: files tell their time in milliseconds."""

    read = 0

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "Apart":
        cls.read += 1
        return super().now(tz) - timedelta(hours=1) + timedelta(seconds=cls.read)


async def test_room_is_held_and_recorded_until_it_is_stopped(tmp_path: Path) -> None:
    async with opened(tmp_path) as (recordings, rooms):
        recording = await recordings.start("hall", BOTH)
        room = rooms.by_name["hall"]
        assert room.held == 1
        assert recording.snapshot()["state"] == "recording"
        publish(room, 5)
        assert await recordings.stop(recording.id) is recording
        shown = recording.snapshot()
        assert (shown["state"], shown["landmarks"], shown["rigs"], shown["frames"]) == ("stopped", 5, 5, 5)
        assert shown["reason"] == "it was stopped"
        assert shown["size"] == recording.path.stat().st_size
        assert (room.sinks("landmarks"), room.sinks("rig")) == (0, 0)
        await recordings.stop(recording.id)  # again: nothing changes
        assert recording.snapshot() == shown
        assert room.held == 0


@pytest.mark.parametrize(("part", "counts"), [("landmarks", (5, 0)), ("rig", (0, 5))])
async def test_only_what_is_asked_for_is_recorded_and_made(tmp_path: Path, part: Any, counts: tuple[int, int]) -> None:
    async with opened(tmp_path) as (recordings, rooms):
        recording = await recordings.start("hall", (part,))
        room = rooms.by_name["hall"]
        # What nobody wants is not made: a fan-out with no sink says so.
        assert (room.sinks("landmarks"), room.sinks("rig")) == ((1, 0) if part == "landmarks" else (0, 1))
        publish(room, 5)
        shown = (await recordings.stop(recording.id)).snapshot()
        assert (shown["landmarks"], shown["rigs"]) == counts
        assert shown["frames"] == 5


async def test_one_principals_recordings_replace_its_own_and_no_others(tmp_path: Path) -> None:
    anna, bert = (Principal(name, GRANTS - {"admin"}, ("*",)) for name in ("anna", "bert"))
    async with opened(tmp_path, kept=8, kept_per_principal=2) as (recordings, _):
        others = await recordings.start("hall", BOTH, bert)
        await recordings.stop(others.id)
        first, second = [await recordings.start(room, BOTH, anna) for room in ("stage", "yard")]
        with pytest.raises(TooManyRequests, match="2 recordings") as caught:
            await recordings.start("roof", BOTH, anna)
        assert caught.value.limit == "recordings_principal"
        await recordings.stop(second.id, anna)
        third = await recordings.start("roof", BOTH, anna)
        assert recordings.list.find(others.id) is others
        assert {first, third} <= {recordings.list.find(one.id) for one in (first, third)}
        with pytest.raises(NotFound):
            recordings.list.find(second.id)


async def test_whoever_has_the_most_loses_the_oldest_to_who_has_less(tmp_path: Path) -> None:
    anna, bert, carl = (Principal(name, GRANTS - {"admin"}, ("*",)) for name in ("anna", "bert", "carl"))
    async with opened(tmp_path, kept=4) as (recordings, _):

        async def recorded(room: str, principal: Principal) -> Recording:
            return await recordings.stop((await recordings.start(room, BOTH, principal)).id)

        def left() -> set[str]:
            return {recording.room for recording in recordings.list}

        running = await recordings.start("anna-0", BOTH, anna)
        for number in (1, 2, 3):
            await recorded(f"anna-{number}", anna)
        await recorded("bert-0", bert)
        assert left() == {"anna-0", "anna-2", "anna-3", "bert-0"}, "a running one never makes way"
        await recorded("bert-1", bert)
        assert left() == {"anna-0", "anna-3", "bert-0", "bert-1"}
        await recorded("bert-2", bert)
        assert left() == {"anna-0", "anna-3", "bert-1", "bert-2"}, "above an equal share one's own makes way"
        await recorded("carl-0", carl)
        assert "carl-0" in left()
        with pytest.raises(NotFound):
            recordings.list.find(running.id, carl)
        before = left()
        dora = Principal("dora", GRANTS - {"admin"}, ("*",))
        await recorded("dora-0", dora)
        assert len(before - left()) == 1
        assert {"anna-0", "carl-0", "dora-0"} <= left()
        with pytest.raises(Unavailable, match="none has to make way") as caught:
            await recorded("emil-0", Principal("emil", GRANTS - {"admin"}, ("*",)))
        assert caught.value.limit == "recordings_server"


async def test_whoever_has_the_most_running_keeps_them_and_the_next_loses_one(tmp_path: Path) -> None:
    anna, bert, carl = (Principal(name, GRANTS - {"admin"}, ("*",)) for name in ("anna", "bert", "carl"))
    async with opened(tmp_path, kept=5) as (recordings, _):
        running = [await recordings.start(f"anna-{number}", BOTH, anna) for number in range(3)]
        berts = [await recordings.stop((await recordings.start(f"bert-{n}", BOTH, bert)).id) for n in range(2)]
        carls = await recordings.start("carl", BOTH, carl)
        assert set(recordings.list) == {*running, berts[1], carls}


async def test_links_record_within_their_makers_share_also_after_a_restart(tmp_path: Path) -> None:
    anna, bert = (Principal(name, GRANTS - {"admin"}, ("*",)) for name in ("anna", "bert"))
    links = [Principal(f"anna/{number}", GRANTS - {"admin"}, ("*",), account="anna") for number in range(4)]
    async with opened(tmp_path, kept=3) as (recordings, _):
        made = []
        for number, link in enumerate(links[:3]):
            made.append(await recordings.start(f"room-{number}", BOTH, link))
            await recordings.stop(made[-1].id)
            await asyncio.sleep(0.002)  # a file says in milliseconds when it began
        with pytest.raises(NotFound):
            recordings.list.find(made[0].id, anna)
    async with opened(tmp_path, kept=3, kept_per_principal=3) as (recordings, _):
        with pytest.raises(TooManyRequests):
            await recordings.start("another", BOTH, links[3])
        await recordings.start("another", BOTH, links[2])
        assert made[2].id not in recordings.list, "a link replaces its own, and neither its maker's nor another link's"
        await recordings.start("one-more", BOTH, anna)
        assert made[0].id not in recordings.list, "the maker's own are those of the links, too"
        await recordings.start("hall", BOTH, bert)
        assert made[1].id not in recordings.list


async def test_all_together_take_no_more_than_the_disk_they_may(tmp_path: Path) -> None:
    async with opened(tmp_path, kept=8, max_bytes=50_000, total_bytes=100_000) as (recordings, rooms):
        first, second = [await recordings.start(room, BOTH) for room in ("hall", "stage")]
        assert recordings.list.bytes == 100_000
        with pytest.raises(Unavailable) as caught:
            await recordings.start("yard", BOTH)
        assert caught.value.limit == "recordings_bytes"
        publish(rooms.by_name["hall"], 1)
        await recordings.stop(first.id)
        assert recordings.list.bytes == 50_000 + first.size
        third = await recordings.start("yard", BOTH)
        with pytest.raises(NotFound):
            recordings.list.find(first.id)
        assert recordings.list.bytes == 100_000
        await recordings.stop(second.id)
        await recordings.stop(third.id)
    async with opened(tmp_path, total_bytes=third.size) as (recordings, _):
        assert [one.id for one in recordings.list] == [third.id], "a lower limit holds for those of before"


async def test_nothing_makes_way_for_a_recording_that_is_refused_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bert = (Principal(name, GRANTS - {"admin"}, ("*",)) for name in ("anna", "bert"))
    limits = {"kept": 4, "kept_per_principal": 2, "max_bytes": 50_000, "total_bytes": 110_000}
    async with opened(tmp_path, **limits) as (recordings, rooms):
        kept = [await recordings.stop((await recordings.start(f"anna-{n}", BOTH, anna)).id) for n in range(2)]
        for number in range(2):
            await recordings.start(f"bert-{number}", BOTH, bert)
        with pytest.raises(Unavailable) as caught:
            await recordings.start("hall", BOTH, anna)
        assert caught.value.limit == "recordings_bytes", "with neither of hers there would still be no room"
        await recordings.stop(next(one.id for one in recordings.list if one.room == "bert-0"))

        def refuse(*_: object) -> None:
            raise Unavailable("no memory")

        monkeypatch.setattr(rooms, "lease", refuse)
        with pytest.raises(Unavailable, match="no memory"):
            await recordings.start("hall", BOTH, anna)
        assert set(kept) < set(recordings.list)


async def test_room_has_one_recording_at_a_time(tmp_path: Path) -> None:
    async with opened(tmp_path) as (recordings, _):
        first = await recordings.start("hall", BOTH)
        with pytest.raises(Conflict, match="hall"):
            await recordings.start("hall", BOTH)
        await recordings.start("stage", BOTH)
        await recordings.stop(first.id)
        await recordings.start("hall", BOTH)


async def test_running_recording_cannot_be_downloaded(tmp_path: Path) -> None:
    async with opened(tmp_path) as (recordings, _):
        recording = await recordings.start("hall", BOTH)
        with pytest.raises(Conflict, match="stop it"):
            recordings.list.find_ended(recording.id)
        await recordings.stop(recording.id)
        assert recordings.list.find_ended(recording.id) is recording


async def test_oldest_that_ended_gives_way_and_running_ones_never(tmp_path: Path) -> None:
    async with opened(tmp_path) as (recordings, _):
        made = [await recordings.start(f"room-{number}", BOTH) for number in range(3)]
        with pytest.raises(Unavailable, match="As many"):
            await recordings.start("one-more", BOTH)
        for recording in (made[2], made[1]):
            await recordings.stop(recording.id)
        new = await recordings.start("one-more", BOTH)
        await gone(made[1].path)
        assert len(recordings.list) == 3
        with pytest.raises(NotFound):
            recordings.list.find(made[1].id)
        assert {path.name for path in files(tmp_path)} == {each.path.name for each in (made[0], made[2], new)}


async def test_where_none_may_be_kept_nobody_may_record(tmp_path: Path) -> None:
    async with opened(tmp_path, kept=0) as (recordings, rooms):
        with pytest.raises(Forbidden):
            await recordings.start("hall", BOTH)
        assert rooms.by_name == {}


async def test_recording_is_deleted_also_while_it_runs(tmp_path: Path) -> None:
    async with opened(tmp_path) as (recordings, rooms):
        recording = await recordings.start("hall", BOTH)
        publish(rooms.by_name["hall"], 3)
        await recordings.delete(recording.id)
        assert files(tmp_path) == []
        assert rooms.by_name["hall"].sinks("rig") == 0
        with pytest.raises(NotFound):
            await recordings.delete(recording.id)
        await recordings.start("hall", BOTH)


async def test_recording_is_deleted_when_it_is_old(tmp_path: Path) -> None:
    async with opened(tmp_path, keep_s=0.01) as (recordings, _):
        recording = await recordings.start("hall", BOTH)
        await recordings.stop(recording.id)
        await gone(recording.path)
        with pytest.raises(NotFound):
            recordings.list.find(recording.id)


async def test_disk_that_fails_is_told_and_holds_nothing(tmp_path: Path) -> None:
    async with opened(tmp_path / "folder") as (recordings, rooms):
        (tmp_path / "folder").rmdir()
        (tmp_path / "folder").write_text("not a folder")
        with pytest.raises(Unavailable, match="the disk failed"):
            await recordings.start("hall", BOTH)
        assert len(recordings.list) == 0
        assert rooms.by_name["hall"].sinks("rig") == 0
        assert rooms.by_name["hall"].held == 0


async def test_room_that_cannot_be_held_is_not_recorded(tmp_path: Path) -> None:
    async with opened(tmp_path) as (recordings, rooms):
        rooms.draining = True
        with pytest.raises(Unavailable, match="draining"):
            await recordings.start("hall", BOTH)
        assert len(recordings.list) == 0
        assert files(tmp_path) == []


async def test_client_that_left_before_its_answer_leaves_no_recording(tmp_path: Path) -> None:
    disk = threading.Event()
    async with opened(tmp_path, kept=1) as (recordings, rooms):
        recordings._writers.submit(disk.wait, 60)
        starting = asyncio.create_task(recordings.start("hall", BOTH))
        await until(lambda: bool(rooms.by_name))
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert len(recordings.list) == 0
        disk.set()
    assert files(tmp_path) == []
    assert rooms.by_name["hall"].held == 0


async def test_closing_ends_what_runs_and_keeps_it_in_the_operators_folder(tmp_path: Path) -> None:
    async with opened(tmp_path) as (recordings, rooms):
        recording = await recordings.start("hall", BOTH)
        publish(rooms.by_name["hall"], 4)
    assert recording.snapshot()["reason"] == "the server shut down"
    assert rooms.by_name["hall"].held == 0
    with pytest.raises(Unavailable, match="shutting down"):
        await recordings.start("hall", BOTH)
    async with opened(tmp_path) as (again, _):
        found = again.list.find_ended(recording.id)
        assert found.snapshot() == recording.snapshot()


async def test_a_folder_that_cannot_be_made_is_told_at_the_start_where_anything_is_recorded(
    tmp_path: Path,
) -> None:
    (tmp_path / "file").touch()
    async with opened(tmp_path / "file" / "recordings", kept=0):
        pass
    with pytest.raises(NotADirectoryError, match="recordings"):
        async with opened(tmp_path / "file" / "recordings"):
            pass


async def test_folder_of_the_servers_own_is_deleted_with_it() -> None:
    async with opened(None) as (recordings, _):
        recording = await recordings.start("hall", BOTH)
        folder = recording.path.parent
        assert folder.exists()
    assert not folder.exists()


async def test_old_recordings_are_found_again_until_their_time_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder_module, "datetime", Apart)
    async with opened(tmp_path) as (recordings, rooms):
        made: list[Recording] = []
        for name in ("first", "second", "third"):
            made.append(await recordings.start(name, BOTH))
            publish(rooms.by_name[name], 2)
            await recordings.stop(made[-1].id)
    (tmp_path / "notes.jsonl").write_text("not a recording\n")
    (tmp_path / f"mocast-{'x' * 24}.jsonl").write_text("not a recording\n")
    async with opened(tmp_path, kept=2) as (recordings, _):
        await gone(made[0].path)
        assert {recordings.list.find(each.id).room for each in made[1:]} == {"second", "third"}
    async with opened(tmp_path, keep_s=0.0):
        await gone(made[1].path)
        await gone(made[2].path)
    assert (tmp_path / "notes.jsonl").exists()


async def test_ids_cannot_be_guessed(tmp_path: Path) -> None:
    async with opened(tmp_path, kept=3) as (recordings, _):
        ids = {(await recordings.start(f"room-{number}", BOTH)).id for number in range(3)}
        assert len(ids) == 3
        assert all(len(each) == 24 for each in ids)  # 144 bits


async def test_a_disk_that_hangs_fails_the_recording_and_the_calls_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = threading.Event()

    class HungDisk(FileIO):
        def write(self, data: Any) -> int:
            if b'"recording"' not in bytes(data):
                assert answers.wait(60)
            return super().write(data) or 0

    monkeypatch.setattr(recorder_module, "FileIO", HungDisk)
    monkeypatch.setattr(recorder_module, "HUNG_S", 0.05)
    monkeypatch.setattr(registry_module, "DISK_TIMEOUT_S", 0.1)
    async with opened(tmp_path) as (recordings, rooms):
        recording = await recordings.start("hall", BOTH)
        publish(rooms.by_name["hall"], 1)
        with pytest.raises(Unavailable, match="disk"):
            await recordings.stop(recording.id)
        recording = await recordings.start("other", BOTH)
        await until(lambda: publish(rooms.by_name["other"], 20) or recording.ended.is_set())
        snapshot = recording.snapshot()
        assert (snapshot["state"], snapshot["reason"]) == ("failed", "the disk does not answer")
        assert rooms.by_name["other"].held == 0
        answers.set()
