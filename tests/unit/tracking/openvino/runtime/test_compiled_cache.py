import errno
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest
from structlog.testing import capture_logs

from mocast.tracking.openvino.runtime import compiled_cache
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache


def test_what_is_kept_is_found_again_by_another_process(tmp_path: Path) -> None:
    CompiledCache(tmp_path / "new" / "folder").write("network", b"origin", b"content")
    assert CompiledCache(tmp_path / "new" / "folder").read("network", b"origin") == b"content"
    assert CompiledCache(tmp_path / "new" / "folder").read("another", b"origin") is None


def test_what_was_made_from_something_else_is_not_found(tmp_path: Path) -> None:
    cache = CompiledCache(tmp_path)
    cache.write("network", b"origin", b"content")
    assert cache.read("network", b"another origin") is None
    assert cache.read("network", b"originc") is None  # where one ends and the other begins matters
    cache.write("network", b"another origin", b"another content")
    assert cache.read("network", b"another origin") == b"another content"
    assert cache.read("network", b"origin") is None


@pytest.mark.parametrize(
    "damage",
    [
        lambda whole: b"",
        lambda whole: whole[:10],
        lambda whole: whole[:-1],
        lambda whole: whole + b"more",
        lambda whole: whole[:-3] + b"x" + whole[-2:],
        lambda whole: b"x" + whole[1:],
        lambda whole: b"something that is not ours",
    ],
)
def test_a_file_that_was_damaged_is_not_found(tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    cache = CompiledCache(tmp_path)
    cache.write("network", b"origin", b"content")
    (file,) = tmp_path.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert cache.read("network", b"origin") is None
    cache.write("network", b"origin", b"content")
    assert cache.read("network", b"origin") == b"content"


def test_what_is_mapped_is_shared_and_stays_when_its_file_is_written_anew(tmp_path: Path) -> None:
    cache = CompiledCache(tmp_path)
    assert cache.map("network", b"origin") is None
    cache.write("network", b"origin", b"content")
    mapped = cache.map("network", b"origin")
    assert mapped is not None
    assert cache.map("network", b"origin") is mapped
    assert cache.map("network", b"another origin") is None
    cache.write("network", b"origin", b"another")
    assert mapped.content.tobytes() == b"content"
    assert cache.read("network", b"origin") == b"another"


def test_writing_leaves_one_file(tmp_path: Path) -> None:
    cache = CompiledCache(tmp_path)
    assert cache.is_writable()
    for number in range(3):
        cache.write("network", b"origin", bytes(number))
    assert [file.name for file in tmp_path.iterdir()] == ["network"]


def test_what_a_killed_process_left_half_written_is_removed(tmp_path: Path) -> None:
    left, being_written = tmp_path / "network.killed", tmp_path / "network.writing"
    for path in (left, being_written):
        path.write_bytes(b"half")
    os.utime(left, (0, 0))
    CompiledCache(tmp_path).write("network", b"origin", b"content")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["network", "network.writing"]


def test_many_that_write_and_read_at_once_find_the_whole_or_nothing(tmp_path: Path) -> None:
    contents = [bytes([number]) * 100_000 for number in range(8)]

    def use(content: bytes) -> bool:
        cache = CompiledCache(tmp_path)
        for _ in range(20):
            cache.write("network", b"origin", content)
            if cache.read("network", b"origin") not in contents:
                return False
        return True

    with ThreadPoolExecutor(len(contents)) as threads:
        assert all(threads.map(use, contents))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache_folder = tmp_path / "file" / "folder"
    cache = CompiledCache(cache_folder)
    with capture_logs() as logs:
        assert not cache.is_writable()
        cache.write("network", b"origin", b"content")
        CompiledCache(cache_folder).write("network", b"origin", b"content")
    assert [entry["log_level"] for entry in logs] == ["warning"]
    assert cache.read("network", b"origin") is None


def test_a_disk_without_room_is_told_before_anything_is_compiled_and_used_again_when_it_has_some(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = CompiledCache(tmp_path)
    cache.write("network", b"origin", b"content")
    with monkeypatch.context() as full, capture_logs() as logs:
        full.setattr(compiled_cache, "ROOM_BYTES", 2**62)
        assert not cache.is_writable()
        assert not cache.keeps
        assert cache.read("network", b"origin") == b"content"
    assert os.strerror(errno.ENOSPC) in logs[0]["reason"]
    assert cache.is_writable()
    assert cache.keeps


def test_a_name_that_cannot_be_replaced_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "network").mkdir()
    cache = CompiledCache(tmp_path)
    with capture_logs() as logs:
        cache.write("network", b"origin", b"content")
    assert len(logs) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["network"]


def test_without_a_folder_nothing_is_kept() -> None:
    cache = CompiledCache(None)
    cache.write("network", b"origin", b"content")
    assert cache.read("network", b"origin") is None


def test_several_that_cannot_write_at_once_tell_it_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = CompiledCache(tmp_path / "file" / "folder")
    together = Barrier(8)

    def write(name: str) -> None:
        together.wait()
        cache.write(name, b"origin", b"content")

    with capture_logs() as logs, ThreadPoolExecutor(8) as threads:
        list(threads.map(write, "abcdefgh"))
    assert len(logs) == 1
