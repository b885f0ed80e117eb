"""The directory of one process, asked by others on a Unix socket."""

import asyncio
import stat
from pathlib import Path

import pytest
from tests.directories import node

from mocast.cluster.directory import DirectoryUnreachable
from mocast.cluster.directory_server import serve_directory
from mocast.cluster.memory_directory import MemoryDirectory
from mocast.cluster.socket_directory import SocketDirectory


async def test_each_call_is_answered_as_by_the_directory_itself(tmp_path: Path) -> None:
    path = tmp_path / "directory"
    directory = MemoryDirectory()
    async with serve_directory(directory, path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        one, two = SocketDirectory(path), SocketDirectory(path)
        renewal = await one.renew(node("a"), changed=True, since=0, released={})
        assert (renewal.had_lapsed, renewal.nodes, renewal.is_whole) == (True, (node("a"),), True)
        assert await two.find("studio") is None
        owner = await two.claim("studio", ["a"], utilisation=1, move=False)
        assert owner is not None
        assert owner == await directory.find("studio") == await one.find("studio")
        assert await one.reclaim("a", {"Bühne": 0}) == {"studio": owner.token, "Bühne": owner.token + 1}
        assert await one.reclaim("b", {}) is None
        await one.leave("a")
        assert await two.find("studio") is None
        await one.close()
        await two.close()
    assert not path.exists()


async def test_a_server_that_comes_back_is_reached_again(tmp_path: Path) -> None:
    path = tmp_path / "directory"
    client = SocketDirectory(path)
    with pytest.raises(DirectoryUnreachable):
        await client.find("studio")
    for _ in range(2):
        async with serve_directory(MemoryDirectory(), path):
            assert await client.find("studio") is None
        with pytest.raises(DirectoryUnreachable):
            await client.find("studio")
    await client.close()


async def test_a_server_that_does_not_answer_is_unreachable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mocast.cluster.socket_directory.TIMEOUT_S", 0.05)
    path = tmp_path / "directory"
    answer = asyncio.Event()

    class Slow(MemoryDirectory):
        async def leave(self, node_id: str) -> None:
            await answer.wait()

    async with serve_directory(Slow(), path):
        client = SocketDirectory(path)
        with pytest.raises(DirectoryUnreachable):
            await client.leave("a")
        monkeypatch.undo()
        assert await client.find("studio") is None, "the answer to the call before is not taken for this one's"
        await client.close()


@pytest.mark.parametrize("line", [b"nonsense\n", b'{"call": "close", "arguments": {}}\n', b'{"call": "find"}\n'])
async def test_a_wrong_call_ends_its_connection_alone(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "directory"
    async with serve_directory(MemoryDirectory(), path):
        good = SocketDirectory(path)
        assert await good.find("studio") is None
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(line)
        assert await reader.read() == b""
        writer.close()
        assert await good.find("studio") is None
        await good.close()
