"""Cores that count: those that the process may run on, up to the quota of its control groups."""

import os
from pathlib import Path

import pytest

from mocast.tracking.cores import keep_to_share, usable_cores

NOWHERE = Path("/nothing")
CORES = usable_cores(NOWHERE, NOWHERE)
PLENTY = "10000000 100000"
HALF = "50000 100000"


@pytest.fixture
def cgroups(tmp_path: Path) -> Path:
    folder = tmp_path / "sys"
    folder.mkdir()
    return folder


def cores(cgroups: Path, membership: str) -> int:
    file = cgroups.parent / "membership"
    file.write_text(membership + "\n")
    return usable_cores(file, cgroups)


def limit(folder: Path, cpu_max: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.max").write_text(cpu_max + "\n")


def limit_v1(folder: Path, quota_us: int, period_us: int = 100_000) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cpu.cfs_quota_us").write_text(f"{quota_us}\n")
    (folder / "cpu.cfs_period_us").write_text(f"{period_us}\n")


@pytest.mark.parametrize(
    ("cpu_max", "expected"),
    [
        ("max 100000", CORES),
        (PLENTY, CORES),
        ("100000 100000", 1),
        (HALF, 1),
        ("150000 100000", min(2, CORES)),
        ("", CORES),
        ("100000 0", CORES),
    ],
)
def test_a_containers_quota_bounds_them(cgroups: Path, cpu_max: str, expected: int) -> None:
    limit(cgroups, cpu_max)
    assert cores(cgroups, "0::/") == expected


@pytest.mark.parametrize("limited", ["system.slice/mocast.service", "system.slice", "."])
def test_systemds_quota_of_the_unit_or_of_a_slice_above_it_bounds_them(cgroups: Path, limited: str) -> None:
    limit(cgroups / "system.slice/mocast.service", "max 100000")
    limit(cgroups / limited, HALF)
    assert cores(cgroups, "0::/system.slice/mocast.service") == 1


def test_the_smallest_quota_counts_and_other_groups_do_not(cgroups: Path) -> None:
    limit(cgroups / "system.slice/other.service", HALF)
    limit(cgroups / "system.slice/mocast.service", PLENTY)
    assert cores(cgroups, "0::/system.slice/mocast.service") == CORES
    limit(cgroups / "system.slice", HALF)
    assert cores(cgroups, "0::/system.slice/mocast.service") == 1


V1 = "5:memory:/docker/a1\n4:cpu,cpuacct:/docker/a1\n1:name=systemd:/docker/a1"


@pytest.mark.parametrize("group", ["docker/a1", "docker", "."])
def test_a_quota_of_version_1_bounds_them(cgroups: Path, group: str) -> None:
    """In a container the group is the root, though its path is the host's."""
    limit_v1(cgroups / "cpu,cpuacct" / group, 50_000)
    assert cores(cgroups, V1) == 1


def test_a_group_of_version_1_without_a_quota_bounds_nothing(cgroups: Path) -> None:
    limit_v1(cgroups / "cpu,cpuacct/docker/a1", -1)
    limit_v1(cgroups / "memory/docker/a1", 50_000)
    assert cores(cgroups, V1) == CORES


@pytest.mark.parametrize("membership", ["", "0::", "nonsense", "0::/../../elsewhere"])
def test_what_cannot_be_read_bounds_nothing(cgroups: Path, membership: str) -> None:
    assert cores(cgroups, membership) == CORES


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux's")
def test_only_those_that_the_process_may_run_on_count() -> None:
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert usable_cores(NOWHERE, NOWHERE) == 1
    finally:
        os.sched_setaffinity(0, allowed)


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="Linux's")
def test_processes_share_the_cores_out_where_there_are_enough() -> None:
    allowed = os.sched_getaffinity(0)
    shares = []
    try:
        for index in range(len(allowed)):
            keep_to_share(index, len(allowed))
            shares.append(os.sched_getaffinity(0))
            os.sched_setaffinity(0, allowed)
        keep_to_share(0, len(allowed) + 1)
        assert os.sched_getaffinity(0) == allowed
    finally:
        os.sched_setaffinity(0, allowed)
    assert [len(share) for share in shares] == [1] * len(allowed)
    assert set.union(*shares) == allowed
