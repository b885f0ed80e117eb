"""What Windows lacks, taken away from a process.

``sys.platform`` says "win32", the modules and names that only POSIX has are gone, and the event loop neither watches
sockets nor signals, as Windows' own does not. Other libraries are imported before that: this is still another system.
"""

import asyncio
import os
import shutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NoReturn

LACKING = {
    "modules": """
        crypt fcntl grp nis ossaudiodev posix pty pwd resource spwd syslog termios tty uvloop
    """,
    "os": """
        O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK SCHED_OTHER chown chroot confstr copy_file_range ctermid eventfd
        fchmod fchown fork forkpty getegid geteuid getgid getgroups getloadavg getpgid getpriority getrandom getresuid
        getsid getuid killpg lchown listxattr lockf major memfd_create mkfifo mknod nice openpty pathconf pidfd_open
        posix_fadvise posix_fallocate posix_spawn pread preadv pwrite pwritev register_at_fork sched_getaffinity
        sched_setaffinity sched_yield sendfile setegid seteuid setgid setgroups setpgid setpriority setsid setuid
        splice statvfs sync sysconf tcgetpgrp ttyname uname wait wait3 wait4 waitid
    """,
    "signal": """
        SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGPROF SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 SIGWINCH
    """,
    "socket": """
        AF_NETLINK AF_PACKET AF_UNIX MSG_DONTWAIT MSG_NOSIGNAL SCM_RIGHTS SO_PEERCRED SO_REUSEPORT sethostname
    """,
    "socket.socket": """
        recvmsg recvmsg_into sendmsg sendmsg_afalg
    """,
    "time": """
        CLOCK_MONOTONIC CLOCK_REALTIME CLOCK_THREAD_CPUTIME_ID clock_gettime clock_gettime_ns pthread_getcpuclockid
    """,
}
"""Modules, and names in modules and in a class. Source: the standard library's documentation, "Availability: Unix"; and
uvloop has no wheels for Windows."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop that can what Windows' own can (https://docs.python.org/3/library/asyncio-platforms.html)."""

    def _lacks(self, *_: Any) -> NoReturn:
        raise NotImplementedError

    add_reader = remove_reader = add_writer = remove_writer = add_signal_handler = remove_signal_handler = _lacks


class Policy(asyncio.DefaultEventLoopPolicy):
    """Makes such loops."""

    def new_event_loop(self) -> asyncio.AbstractEventLoop:
        return Loop()


def become() -> None:
    """Take all that away from this process, for good. What is imported of Mocast afterwards has never known it."""
    for module in ("app", "cli", "commands.bridge", "commands.doctor", "tracking.openvino.engine"):
        import_module(f"mocast.{module}")  # and with it all of other libraries
    for module in [name for name in sys.modules if name.partition(".")[0] == "mocast"]:
        del sys.modules[module]
    shutil.disk_usage = partial(_disk_usage, os.statvfs)  # type: ignore[assignment]
    socket.socketpair = partial(socket.socketpair, socket.AF_UNIX)  # type: ignore[assignment]  # of event loops
    for module in LACKING["modules"].split():
        sys.modules[module] = None  # type: ignore[assignment]
    for owner in (os, signal, socket, time):
        for name in LACKING[owner.__name__].split():
            if hasattr(owner, name):
                delattr(owner, name)
    for name in LACKING["socket.socket"].split():
        setattr(socket.socket, name, property(_no_such_method))  # it is its base class's
    shutil._use_fd_functions = False  # type: ignore[attr-defined]  # as it finds by itself on Windows
    asyncio.set_event_loop_policy(Policy())
    sys.platform = "win32"


def _disk_usage(statvfs: Callable[[Any], os.statvfs_result], path: Any) -> SimpleNamespace:
    """As ``shutil.disk_usage``, which asks Windows there."""
    disk = statvfs(path)
    total, unused, free = (disk.f_frsize * blocks for blocks in (disk.f_blocks, disk.f_bfree, disk.f_bavail))
    return SimpleNamespace(total=total, used=total - unused, free=free)


def _no_such_method(_: socket.socket) -> NoReturn:
    raise AttributeError("no such method on Windows")
