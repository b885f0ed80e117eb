"""The files of jobs: videos as they come, and what is made of them."""

import contextlib
import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from mocast.jobs.disk_call import disk_call, disk_full
from mocast.jobs.job import JobResult
from mocast.jobs.video_container import HEAD_BYTES

ID: Final = re.compile(r"[A-Za-z0-9_-]{24}")
"""Only folders of this name are jobs': others are left alone."""

THREADS: Final = 4

FREE_BYTES: Final = 256 * 2**20
"""Of the disk, that no job is given: the server's own recordings and logs may be on it."""


class JobFiles:
    """A folder with a folder for each job: a video, called ``upload`` until it is whole, and ``results``.

    All calls raise ``OSError``, ``InsufficientStorage`` where the disk is full and ``Unavailable`` where it hangs.
    """

    def __init__(self, folder: Path) -> None:
        """``folder``: an absolute path."""
        self.folder = folder
        self._threads = ThreadPoolExecutor(THREADS, "mocast-jobs")

    async def open(self) -> set[str]:
        """Make the folder where it is missing; return the ids of the jobs that have files in it."""
        return await disk_call(self._threads, _opened, self.folder)

    async def delete_all(self) -> None:
        """Delete the folder, whatever is in it."""
        await disk_call(self._threads, lambda: shutil.rmtree(self.folder, ignore_errors=True))

    def close(self) -> None:
        """Take no more calls."""
        self._threads.shutdown(wait=False)

    def output_folder(self, job_id: str) -> Path:
        """Return where a job's worker writes: into a folder with the name of the video, as of many in one run."""
        return self.folder / job_id / "results"

    def results_folder(self, job_id: str, stem: str) -> Path:
        """Return where the results of a job are whose video has that name without its ending."""
        return self.output_folder(job_id) / stem

    async def create(self, job_id: str, size: int) -> None:
        """Make a job's folder, and an empty upload in it, if the disk has ``size`` bytes for it."""
        await disk_call(self._threads, self._create, job_id, size)

    async def append(self, job_id: str, offset: int, data: bytes | bytearray) -> None:
        """Write behind the first ``offset`` bytes of an upload, however long the disk takes."""
        await disk_call(self._threads, self._append, job_id, offset, data, unbounded=True)

    async def received(self, job_id: str) -> int:
        """Return how many bytes of a video are there."""
        return await disk_call(self._threads, lambda: _only_file(self.folder / job_id).stat().st_size)

    async def head(self, job_id: str) -> bytes:
        """Return a video's first bytes."""
        return await disk_call(self._threads, _head, self.folder / job_id)

    async def finish(self, job_id: str, name: str) -> None:
        """Give a video that is whole its name: what is made of it is called after it."""
        folder = self.folder / job_id
        await disk_call(self._threads, lambda: _only_file(folder).rename(folder / name))

    async def video(self, job_id: str) -> Path:
        """Return the path of a whole video."""
        return await disk_call(self._threads, _only_file, self.folder / job_id)

    async def delete_video(self, job_id: str) -> None:
        """Delete a video; the results stay."""
        await disk_call(self._threads, lambda: _only_file(self.folder / job_id).unlink())

    async def results(self, job_id: str, stem: str) -> tuple[JobResult, ...]:
        """Return the finished files in the folder of results, by name; those with a dot before it are not."""
        return await disk_call(self._threads, _results, self.results_folder(job_id, stem))

    async def delete(self, job_id: str) -> None:
        """Delete all files of a job, as far as they can be."""
        await disk_call(self._threads, shutil.rmtree, self.folder / job_id, True)

    async def free_bytes(self) -> int:
        """Return what jobs may have of the disk."""
        return await disk_call(self._threads, _free_bytes, self.folder)

    def _upload(self, job_id: str) -> Path:
        return self.folder / job_id / "upload"

    def _create(self, job_id: str, size: int) -> None:
        if size > _free_bytes(self.folder):
            raise disk_full()
        self._upload(job_id).parent.mkdir(mode=0o700)
        self._upload(job_id).touch(mode=0o600)

    def _append(self, job_id: str, offset: int, data: bytes | bytearray) -> None:
        if len(data) > _free_bytes(self.folder):
            raise disk_full()
        rest = memoryview(data)
        with self._upload(job_id).open("r+b", buffering=0) as file:
            if file.seek(0, os.SEEK_END) > offset:
                file.truncate(offset)  # what a call that failed left behind it
            file.seek(offset)
            while rest:
                rest = rest[file.write(rest) :]


def file_stem(name: str) -> str:
    """Return the name of a video's file without its ending, of what a client calls the video."""
    base = name.rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9_-]+", "_", base.rpartition(".")[0] or base)[:64] or "video"


def folder_bytes(folder: Path) -> int:
    """Return what the files below a folder take; those that vanish meanwhile are passed over."""
    size = 0
    for path in _files(folder):
        with contextlib.suppress(FileNotFoundError):
            size += path.lstat().st_size
    return size


def _opened(folder: Path) -> set[str]:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return {path.name for path in folder.iterdir() if path.is_dir() and ID.fullmatch(path.name)}


def _head(folder: Path) -> bytes:
    with _only_file(folder).open("rb") as file:
        return file.read(HEAD_BYTES)


def _only_file(folder: Path) -> Path:
    for path in folder.iterdir():
        if path.is_file():
            return path
    raise FileNotFoundError(f"{folder} holds no video")


def _results(folder: Path) -> tuple[JobResult, ...]:
    found = [
        JobResult(path.relative_to(folder).as_posix(), path.stat().st_size)
        for path in _files(folder)
        if not any(part.startswith(".") for part in path.relative_to(folder).parts)
    ]
    return tuple(sorted(found, key=lambda result: result.name))


def _files(folder: Path) -> list[Path]:
    """All files below a folder; no link, and nothing behind one."""
    paths = (Path(parent) / name for parent, _, names in os.walk(folder) for name in names)
    return [path for path in paths if path.is_file() and not path.is_symlink()]


def _free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free - FREE_BYTES
