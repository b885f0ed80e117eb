"""Code that has the kernel kill its process, threads and native libraries included, when that makes one system call."""

from typing import Literal

_FILTER = """
import ctypes, platform, struct

NR = {"socket": {"x86_64": 41, "aarch64": 198}, "connect": {"x86_64": 42, "aarch64": 203}}[CALL][platform.machine()]
AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}[platform.machine()]
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06  # BPF_LD|W|ABS, BPF_JMP|JEQ|K, BPF_RET|K
KILL, ALLOW = 0x80000000, 0x7FFF0000  # SECCOMP_RET_KILL_PROCESS, SECCOMP_RET_ALLOW
PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, SECCOMP_MODE_FILTER = 38, 22, 2

# In linux/seccomp.h the call's number is at 0 and its architecture at 4.
steps = [
    (LOAD, 0, 0, 4), (JUMP_IF_EQUAL, 0, 3, AUDIT_ARCH),
    (LOAD, 0, 0, 0), (JUMP_IF_EQUAL, 0, 1, NR),
    (RETURN, 0, 0, KILL), (RETURN, 0, 0, ALLOW),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("<HBBI", *step) for step in steps))

class Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]

libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
program = Program(len(steps), ctypes.cast(code, ctypes.c_void_p))
assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(program)) == 0, ctypes.get_errno()
"""


def killed_by(call: Literal["socket", "connect"]) -> str:
    """Return Python code, for Linux on x86_64 and aarch64, after which the call ends the process with SIGSYS."""
    return f"CALL = {call!r}\n{_FILTER}"
