from pathlib import Path

import pytest

from mocast.errors import InsufficientStorage
from mocast.jobs import job_files
from mocast.jobs.job import JobResult
from mocast.jobs.job_files import JobFiles, file_stem, folder_bytes

ID = "a" * 24


async def test_a_video_grows_and_gets_its_name_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "not a job").mkdir()
    files = JobFiles(tmp_path)
    await files.create(ID, 5)
    await files.append(ID, 0, b"abc")
    (tmp_path / ID / "upload").open("ab").write(b"rubbish")
    await files.append(ID, 3, b"de")
    assert (await files.received(ID), await files.head(ID)) == (5, b"abcde")
    await files.finish(ID, "clip.mp4")
    path = await files.video(ID)
    assert (path.name, path.read_bytes(), await files.received(ID)) == ("clip.mp4", b"abcde", 5)
    assert await files.open() == {ID}
    await files.delete_video(ID)
    await files.delete(ID)
    assert await files.open() == set()


async def test_results_are_the_finished_files_and_no_links(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    folder = files.results_folder(ID, "clip")
    (folder / "clip").mkdir(parents=True)
    (folder / "clip" / "b.mp4").write_bytes(b"1234")
    (folder / "a.json").write_bytes(b"{}")
    (folder / ".unfinished-b.mp4").write_bytes(b"123")
    (folder / "secret").symlink_to("/etc/passwd")
    assert await files.results(ID, "clip") == (JobResult("a.json", 2), JobResult("clip/b.mp4", 4))
    assert folder_bytes(folder) == 9


async def test_what_the_disk_has_no_room_for_is_refused_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = JobFiles(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(job_files, "FREE_BYTES", 2**60)
        with pytest.raises(InsufficientStorage):
            await files.create(ID, 1)
        assert await files.open() == set()
    await files.create(ID, 1)
    monkeypatch.setattr(job_files, "FREE_BYTES", 2**60)  # others have filled it meanwhile
    with pytest.raises(InsufficientStorage):
        await files.append(ID, 0, b"a")
    assert await files.received(ID) == 0


async def test_a_disk_that_fills_up_is_told_as_that(tmp_path: Path) -> None:
    files = JobFiles(tmp_path)
    (tmp_path / ID).mkdir()
    (tmp_path / ID / "upload").symlink_to("/dev/full")
    with pytest.raises(InsufficientStorage):
        await files.append(ID, 0, b"abc")


@pytest.mark.parametrize(
    ("name", "stem"),
    [("My clip.mp4", "My_clip"), ("../../etc/passwd", "passwd"), ("-o.mp4", "-o"), ("Ü.mp4", "_"), ("clip", "clip")],
)
def test_the_name_of_a_file_is_tame(name: str, stem: str) -> None:
    assert file_stem(name) == stem
