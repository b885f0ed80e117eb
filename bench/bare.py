"""Runs ``bench.ceiling`` where the servers run, to set its figures beside theirs."""

import argparse
import json
import subprocess

import numpy as np
from numpy.typing import NDArray

from bench import processes

START_LIMIT_S = 60


def bare_ms(arguments: argparse.Namespace, *what: str) -> NDArray[np.float64]:
    """Return how long bare MediaPipe takes for each frame, (n,) milliseconds. ``what``: its tracker and quality."""
    command = ["-m", "bench.ceiling", *what, "--seconds", str(arguments.seconds)]
    if arguments.clip is not None:
        command += ["--clip", str(arguments.clip)]
    done = subprocess.run(
        processes.on_server_core(command),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # MediaPipe tells of each network that it loads
        timeout=START_LIMIT_S + arguments.seconds,
        check=True,
    )
    return np.array(json.loads(done.stdout), float)
