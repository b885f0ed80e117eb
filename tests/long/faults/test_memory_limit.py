"""Near the container's memory limit new clients are refused, and those who are there go on."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.long.faults.clients import longest_gap_s, offered, publishing
from tests.long.faults.conftest import Serve
from tests.peers import Peer

LIMIT_BYTES = 2 * 10**9


@pytest.fixture
def control_group() -> Iterator[Path]:
    """A control group of the system's with a memory limit, of version 1 or 2."""
    for root, limit in (("/sys/fs/cgroup/memory", "memory.limit_in_bytes"), ("/sys/fs/cgroup", "memory.max")):
        group = Path(root) / f"mocast-tests-{os.getpid()}"
        try:
            group.mkdir()
            (group / limit).write_text(str(LIMIT_BYTES))
        except OSError:
            with contextlib.suppress(OSError):
                group.rmdir()
            continue
        yield group
        group.rmdir()
        return
    pytest.skip("this user may not make control groups with a memory limit")


async def test_near_the_limit_new_clients_are_refused_and_others_go_on(serve: Serve, control_group: Path) -> None:
    enter = f"import os\nopen({str(control_group / 'cgroup.procs')!r}, 'w').write(str(os.getpid()))\n"
    server = serve(prologue=enter)
    usage = next(
        control_group / name for name in ("memory.usage_in_bytes", "memory.current") if (control_group / name).exists()
    )
    async with publishing(server):
        assert int(usage.read_text()) > 10**8
    server.kill()
    server = serve(prologue=enter, memory_share="0.9")
    async with publishing(server) as peer:
        # What others in the container hold counts, too: a file in memory stands for them.
        filler = Path("/dev/shm") / control_group.name
        try:
            fill(control_group, filler, int(0.92 * LIMIT_BYTES) - int(usage.read_text()))
            refused = Peer()
            assert await offered(server, refused, "other") == 503
            assert await longest_gap_s(peer, 2) < 2
        finally:
            filler.unlink()
        assert await offered(server, refused, "other") == 201
        await refused.close()
    server.kill()


def fill(group: Path, path: Path, size: int) -> None:
    """Write a file in memory from a process in the group."""
    child = os.fork()
    if not child:
        (group / "cgroup.procs").write_text(str(os.getpid()))
        with path.open("wb") as file:
            for _ in range(size // 2**20):
                file.write(bytes(2**20))
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
