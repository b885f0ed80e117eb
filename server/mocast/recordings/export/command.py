"""``mocast export``: animation files of a recording, without a server."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final, Literal

from mocast.errors import Unprocessable
from mocast.model.options import HIGHEST_FPS, LOWEST_FPS
from mocast.recordings.export import bvh, vrma
from mocast.recordings.export.jsonl import read_rigs
from mocast.recordings.export.motion import Motion, motion_of, natural_fps, resampled
from mocast.recordings.export.motion_smoothing import smoothed

AnimationKind = Literal["bvh", "vrma"]

WRITERS: Final[dict[AnimationKind, Callable[[Motion, IO[bytes]], None]]] = {"bvh": bvh.write, "vrma": vrma.write}

UNREADABLE: Final = 3
"""The exit status where nothing in the recording can be exported; the last line of standard error is the reason."""


def main(words: Sequence[str]) -> int:
    """Write a recording's animation files; return the process's exit status."""
    given = _parser().parse_args(words)
    try:
        motion = motion_of(read_rigs(given.recording))
        motion = resampled(motion, given.fps or natural_fps(motion))
        if given.smooth:
            motion = smoothed(motion)
        for output in given.outputs:
            _write(motion, output)
    except Unprocessable as error:
        print(f"mocast: {error}", file=sys.stderr)
        return UNREADABLE
    except OSError as error:
        print(f"mocast: {error.filename or 'the file'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mocast export", description="A recording's JSON lines as animation files.")
    parser.add_argument("recording", type=Path, help="as it was downloaded: NAME.jsonl")
    parser.add_argument(
        "outputs",
        type=_output,
        nargs="+",
        metavar="output",
        help="NAME.bvh or NAME.vrma; after --, -.bvh is standard output",
    )
    parser.add_argument("--fps", type=_fps, help="frames per second; default: what most of the recording has")
    parser.add_argument("--no-smooth", dest="smooth", action="store_false", help="as it was recorded")
    return parser


def _output(text: str) -> Path:
    if _kind(path := Path(text)) not in WRITERS:
        raise argparse.ArgumentTypeError(f"{text} ends in neither .bvh nor .vrma")
    return path


def _kind(output: Path) -> str:
    return output.suffix.removeprefix(".").lower()


def _fps(text: str) -> float:
    with contextlib.suppress(ValueError):
        if LOWEST_FPS <= (fps := float(text)) <= HIGHEST_FPS:
            return fps
    raise argparse.ArgumentTypeError(f"{text} is not from {LOWEST_FPS:g} to {HIGHEST_FPS:g}")


def _write(motion: Motion, output: Path) -> None:
    write = next(writer for kind, writer in WRITERS.items() if kind == _kind(output))
    if output.stem == "-":
        write(motion, sys.stdout.buffer)
        sys.stdout.flush()
    else:
        with output.open("wb") as file:
            write(motion, file)
