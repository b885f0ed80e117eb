"""Headroom: descriptors and the container's memory, by real limits and by files as the kernel writes them."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mocast.errors import Unavailable
from mocast.headroom import RESERVED_DESCRIPTORS, Headroom

MB = 10**6


def control_group(folder: Path, files: dict[str, object], line: str) -> Headroom:
    """Headroom of a process in a control group with these files."""
    proc = folder / "proc"
    (proc / "fd").mkdir(parents=True)
    (proc / "cgroup").write_text(line + "\n")
    for name, content in files.items():
        path = folder / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{content}\n")
    return Headroom(0.9, proc=proc, cgroups=folder / "cgroup")


def version_2(folder: Path, used: int, inactive: int = 0, active: int = 0, limit: object = 100 * MB) -> Headroom:
    statistics = f"anon 1\ninactive_file {inactive}\nactive_file {active}"
    files = {"memory.current": used, "memory.max": limit, "memory.stat": statistics}
    return control_group(folder, files, "0::/")


def test_a_client_is_refused_above_the_share_of_the_containers_memory(tmp_path: Path) -> None:
    version_2(tmp_path / "below", 90 * MB).require()
    with pytest.raises(Unavailable, match="memory"):
        version_2(tmp_path / "above", 91 * MB).require()


def test_what_the_kernel_can_drop_does_not_count(tmp_path: Path) -> None:
    headroom = version_2(tmp_path, 99 * MB, inactive=15 * MB, active=5 * MB)
    assert headroom.memory() == (79 * MB, 100 * MB)
    headroom.require()


@pytest.mark.parametrize("limit", ["max", 2**63 - 4096])
def test_a_group_without_a_limit_refuses_nobody(tmp_path: Path, limit: object) -> None:
    headroom = version_2(tmp_path, 10**15, limit=limit)
    assert headroom.memory() == (0, 0)
    headroom.require()


def test_control_groups_of_version_1_are_read_too(tmp_path: Path) -> None:
    files = {
        "memory/pods/a/memory.usage_in_bytes": 95 * MB,
        "memory/pods/a/memory.limit_in_bytes": 100 * MB,
        "memory/pods/a/memory.stat": "active_file 9\ntotal_active_file 400000\ntotal_inactive_file 600000",
    }
    assert control_group(tmp_path, files, "4:memory:/pods/a").memory() == (94 * MB, 100 * MB)


def test_a_container_that_sees_its_group_as_the_root_is_recognised(tmp_path: Path) -> None:
    files = {"memory.current": 5 * MB, "memory.max": 10 * MB, "memory.stat": "inactive_file 0"}
    assert control_group(tmp_path, files, "0::/system.slice/docker-1234.scope").memory() == (5 * MB, 10 * MB)


def test_open_descriptors_are_counted() -> None:
    headroom = Headroom(1)
    before = headroom.open_descriptors
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(5)]
    assert headroom.open_descriptors == before + 5
    for descriptor in opened:
        os.close(descriptor)


PROGRAM = f"""
import os, resource
from mocast.errors import Unavailable
from mocast.headroom import Headroom, raise_descriptor_limit
resource.setrlimit(resource.RLIMIT_NOFILE, (100, 200))
assert raise_descriptor_limit() == 200
headroom = Headroom(1)
opened = []
try:
    while True:
        headroom.require()
        opened.append(os.open(os.devnull, os.O_RDONLY))
except Unavailable as refusal:
    assert "open" in str(refusal)
assert 200 - headroom.open_descriptors == {RESERVED_DESCRIPTORS} - 1
os.close(opened.pop())
headroom.require()
"""


def test_a_client_is_refused_while_some_descriptors_are_left_for_the_others() -> None:
    subprocess.run([sys.executable, "-c", PROGRAM], check=True, timeout=60)
