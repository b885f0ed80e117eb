import asyncio

import pytest

from mocast.jobs.job import Job
from mocast.jobs.upload import WRITE_BYTES, Upload


class SlowDisk:
    """A disk on which a write ends when the test says so."""

    def __init__(self) -> None:
        self.written = bytearray()
        self.may_write = asyncio.Event()
        self.began = asyncio.Event()

    async def write(self, job_id: str, offset: int, data: bytearray) -> None:
        self.began.set()
        await self.may_write.wait()
        assert offset == len(self.written)
        self.written += data


def upload_to(disk: SlowDisk) -> Upload:
    task = asyncio.current_task()
    assert task is not None
    return Upload(Job("a", "", "", "", {}, None, "", 0, 0), task, disk.write)


async def test_pieces_are_gathered_and_written_in_their_order() -> None:
    disk = SlowDisk()
    disk.may_write.set()
    upload = upload_to(disk)
    for piece in (b"a" * WRITE_BYTES, b"b", b"c"):
        await upload.add(piece)
    assert (len(disk.written), upload.job.received, upload.size) == (WRITE_BYTES, WRITE_BYTES, WRITE_BYTES + 2)
    await upload.flush()
    assert disk.written.endswith(b"abc")
    assert upload.job.received == WRITE_BYTES + 2


@pytest.mark.parametrize("size", [1, WRITE_BYTES])
async def test_a_request_that_gives_way_ends_when_what_it_brought_is_written(size: int) -> None:
    disk = SlowDisk()
    uploads: list[Upload] = []

    async def request() -> None:
        uploads.append(upload_to(disk))
        try:
            await uploads[0].add(bytes(size))
        finally:
            await uploads[0].flush()

    task = asyncio.create_task(request())
    await disk.began.wait()
    for _ in range(2):  # to two requests that came after it
        uploads[0].give_way()
        for _ in range(3):
            await asyncio.sleep(0)
    assert not task.done()
    disk.may_write.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert uploads[0].job.received == len(disk.written) == size


async def test_what_came_is_written_once_also_where_the_request_is_cancelled_in_the_midst_of_it() -> None:
    disk = SlowDisk()
    uploads: list[Upload] = []

    async def request() -> None:
        upload = upload_to(disk)
        uploads.append(upload)
        try:
            await upload.add(b"a" * WRITE_BYTES)
            await upload.add(b"not given to it")
        finally:
            await upload.add(b"b")
            await upload.flush()

    task = asyncio.create_task(request())
    await disk.began.wait()
    task.cancel()
    await asyncio.sleep(0)
    disk.may_write.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert disk.written == b"a" * WRITE_BYTES + b"b"
    assert uploads[0].job.received == len(disk.written)
