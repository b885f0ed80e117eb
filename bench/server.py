"""Mocast as ``mocast serve`` starts it, with what a bench needs beside it: ``python -m bench.server --port N``.

``--replay``: track with ``bench.replay`` in place of MediaPipe. On SIGUSR1 it writes the names of its Python threads to
``--thread-names`` as JSON, because the system does not know them.
"""

import argparse
import asyncio
import json
import signal
import threading
from pathlib import Path

import uvloop

from mocast import logs
from mocast.app import serve
from mocast.settings import Settings
from mocast.tracking.engines import ENGINES


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--replay", action="store_true")
    parser.add_argument("--tracking-threads", type=int, default=0)
    parser.add_argument("--thread-names", type=Path)
    arguments = parser.parse_args()
    logs.configure("console", "warning")
    settings = Settings(port=arguments.port, tracking_threads=arguments.tracking_threads)
    if arguments.replay:
        ENGINES["replay"] = "bench.replay:ReplayEngine"
        settings = settings.model_copy(update={"engine": "replay"})
    if arguments.thread_names is not None:
        signal.signal(signal.SIGUSR1, lambda *_: write_thread_names(arguments.thread_names))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))


def write_thread_names(path: Path) -> None:
    """Write ``{system's number: name}``; whole or not at all, as somebody waits for it."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps(names))
    unfinished.replace(path)


if __name__ == "__main__":
    main()
