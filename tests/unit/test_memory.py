"""What the process keeps of large blocks that it has freed."""

import platform
import subprocess
import sys

import pytest

from mocast.memory import LARGE_BYTES

MEASURE_SMALL = """
import ctypes
from mocast.memory import return_free

libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


*blocks, last = [libc.malloc(2**16) for _ in range(512)]  # the last stays, above the others
for block in blocks:
    ctypes.memset(block, 1, 2**16)
    libc.free(block)
before = resident()
assert return_free()
print(before - resident())
"""

MEASURE = f"""
import ctypes, sys
from mocast.memory import return_large_blocks

if sys.argv[1] == "set":
    assert return_large_blocks()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes, libc.free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]


def resident():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096


libc.free(libc.malloc(30 * 2**20))  # where glibc decides by itself, it keeps blocks of up to this size from now on
before = resident()
*blocks, last = [libc.malloc({LARGE_BYTES} + 2**20) for _ in range(8)]  # the last stays, above the others
for block in blocks:
    ctypes.memset(block, 1, {LARGE_BYTES})
for block in blocks:
    libc.free(block)
print(resident() - before)
"""


def kept_bytes(mode: str) -> int:
    process = subprocess.run([sys.executable, "-c", MEASURE, mode], capture_output=True, text=True, check=True)
    return int(process.stdout)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps them")
def test_large_blocks_that_are_freed_go_back_to_the_system() -> None:
    assert kept_bytes("set") < LARGE_BYTES < kept_bytes("unset")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc keeps them")
def test_small_blocks_that_are_freed_go_back_when_asked() -> None:
    process = subprocess.run([sys.executable, "-c", MEASURE_SMALL], capture_output=True, text=True, check=True)
    assert int(process.stdout) > 0.9 * 512 * 2**16


KEEP = """
import gc
from mocast.memory import keep_what_is

gc.collect()
before = len(gc.get_objects())
keep_what_is()
assert gc.get_freeze_count() >= before - 100
print(len(gc.get_objects()))
"""


def test_a_collection_goes_only_through_what_was_made_after_the_start() -> None:
    process = subprocess.run([sys.executable, "-c", KEEP], capture_output=True, text=True, check=True)
    assert int(process.stdout) < 1_000
