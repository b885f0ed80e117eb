"""One of several processes that serve one port: ``python -m mocast.workers.worker FLAGS``. Only its parent starts it.

Its place comes as a line on standard input. When that input ends, the parent has ended, and the worker ends, too.
"""

import asyncio
import faulthandler
import os
import sys

from mocast.cluster.worker_place import WorkerPlace
from mocast.serving import run_server, serving_settings
from mocast.tracking.cores import keep_to_share, usable_cores
from mocast.tracking.openvino_import import leave_out_converter
from mocast.workers.worker_settings import own_settings


def main() -> int:
    """Serve; return the process's exit status."""
    faulthandler.enable()  # its parent ends it by SIGABRT where it hangs
    leave_out_converter()
    place = WorkerPlace.from_json(sys.stdin.buffer.readline())
    settings = serving_settings(sys.argv[1:])
    if settings is None:
        return 2
    own = own_settings(settings, place)
    keep_to_share(place.index, place.count)
    if not settings.tracking_threads:  # this worker may have fewer cores than the others
        own = own.model_copy(update={"tracking_threads": min(own.tracking_threads, usable_cores())})
    return run_server(own, place, _parent_ended)


async def _parent_ended() -> None:
    """Wait until the parent's end of the standard input is closed."""
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def read() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            loop.remove_reader(sys.stdin.fileno())
            ended.set()

    loop.add_reader(sys.stdin.fileno(), read)
    await ended.wait()


if __name__ == "__main__":
    sys.exit(main())
