"""Mocast as ``mocast serve`` starts it, with an engine of the benches: ``python -m bench.server ENGINE --port N``.

``replay`` gives back recorded landmarks, ``timed`` is the real engine, which ``MOCAST_ENGINE`` names. On SIGUSR1 it
writes to ``--threads`` what only it knows of its Python threads: their names, and the time that they spent tracking.
"""

import argparse
import asyncio
import json
import signal
import threading
from pathlib import Path

import uvloop

from bench import timed
from mocast import logs
from mocast.process_life import serve
from mocast.settings.settings import Settings
from mocast.tracking.engines import ENGINES

BENCH_ENGINES = {"replay": "bench.replay:ReplayEngine", "timed": "bench.timed:TimedEngine"}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("engine", choices=BENCH_ENGINES)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--threads", type=Path)
    parser.add_argument("--settings", type=json.loads, default={}, help="more settings, as JSON")
    arguments = parser.parse_args()
    logs.configure("console", "warning")
    ENGINES.update(BENCH_ENGINES)
    # Copied, because operators may not choose these engines and the settings are checked when they are made.
    # The network of a face's shapes is chosen by the engine's name.
    own = {"engine": arguments.engine, "face_shapes": "geometry"}
    settings = Settings.model_validate({"port": arguments.port, **arguments.settings}).model_copy(update=own)
    if arguments.threads is not None:
        signal.signal(signal.SIGUSR1, lambda *_: write_threads(arguments.threads))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings))


def write_threads(path: Path) -> None:
    """Write both by the system's number of each thread; the file is there whole or not at all, as it is waited for."""
    names = {thread.native_id: thread.name for thread in threading.enumerate()}
    unfinished = path.with_suffix(".tmp")
    unfinished.write_text(json.dumps({"names": names, "tracking_s": timed.spent_s}))
    unfinished.replace(path)


if __name__ == "__main__":
    main()
