"""``mocast export``: animation files of a recording, and files of its markers, without a server."""

import argparse
import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import IO, Final, Literal, get_args

import numpy as np
import orjson

from mocast.errors import Unprocessable
from mocast.model.avatar_body import AvatarBody
from mocast.model.options import HIGHEST_FPS, LOWEST_FPS, MAX_PEOPLE
from mocast.recordings.export import bvh, c3d, markers, trc, vmd, vrma
from mocast.recordings.export.avatar_fitting import on_avatar
from mocast.recordings.export.jsonl import read_rigs, read_tracked
from mocast.recordings.export.markers import Markers
from mocast.recordings.export.motion import Motion, clamped_fps, motion_of, natural_fps, resampled
from mocast.recordings.export.motion_smoothing import smoothed
from mocast.rigging.retargeting.avatar_fitter import proportions_in
from mocast.rigging.retargeting.proportions import Proportions
from mocast.rigging.retargeting.vrm_file import read_vrm
from mocast.rigging.retargeting.vrm_proportions import proportions_of
from mocast.validation import read_json

ExportKind = Literal["bvh", "vrma", "vmd", "trc", "c3d"]

WRITERS: Final[dict[str, Callable[[Motion, IO[bytes]], None]]] = {
    "bvh": bvh.write,
    "vrma": vrma.write,
    "vmd": vmd.write,
}
"""Of motions, made of rigs."""
AVATAR_WRITERS: Final[dict[ExportKind, Callable[..., None]]] = {"bvh": bvh.write, "vrma": vrma.write}
"""Those that write a motion for an avatar's own skeleton."""
MARKER_WRITERS: Final[dict[str, Callable[[Markers, IO[bytes]], None]]] = {"trc": trc.write, "c3d": c3d.write}
"""Of markers, made of landmarks."""
RATES: Final[dict[str, float]] = {"vmd": vmd.FPS}
"""Of the formats that have but one."""
KINDS: Final[tuple[ExportKind, ...]] = get_args(ExportKind)

UNREADABLE: Final = 3
"""The exit status where nothing in the recording can be exported; the last line of standard error is the reason."""


def main(words: Sequence[str]) -> int:
    """Write a recording's animation files; return the process's exit status."""
    given = _parser().parse_args(words)
    try:
        avatar = None if given.avatar is None else _avatar(given.avatar)
        recording = _Recording(given.recording, given.fps, smooth=given.smooth, person=given.person, avatar=avatar)
        for output in given.outputs:
            write = recording.writer(_kind(output))
            with _opened(output) as file:
                write(file)
    except Unprocessable as error:
        print(f"mocast: {error}", file=sys.stderr)
        return UNREADABLE
    except OSError as error:
        print(f"mocast: {error.filename or 'the file'}: {error.strerror}", file=sys.stderr)
        return 1
    return 0


def _avatar(path: Path) -> Proportions:
    """Return the proportions of a VRM file; of ``-``, those that a client sent, on standard input."""
    if path == Path("-"):
        return proportions_in(read_json(AvatarBody, orjson.loads(sys.stdin.buffer.read())))
    return proportions_of(read_vrm(path))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("mocast export", description="A recording's JSON lines as animation files.")
    parser.add_argument("recording", type=Path, help="as it was downloaded: NAME.jsonl")
    parser.add_argument(
        "outputs",
        type=_output,
        nargs="+",
        metavar="output",
        help=f"NAME.bvh, or another of {', '.join(KINDS)}; after --, -.bvh is standard output",
    )
    parser.add_argument("--fps", type=_fps, help="frames per second; default: what most of the recording has")
    parser.add_argument(
        "--person", type=int, choices=range(MAX_PEOPLE), default=0, help="whose motion, where several were tracked"
    )
    parser.add_argument(
        "--avatar", type=Path, metavar="FILE.vrm", help="bvh, vrma: for this avatar, its hands where the person's are"
    )
    parser.add_argument("--no-smooth", dest="smooth", action="store_false", help="as it was recorded")
    return parser


def _output(text: str) -> Path:
    if _kind(path := Path(text)) not in KINDS:
        raise argparse.ArgumentTypeError(f"{text} ends in none of {', '.join(f'.{kind}' for kind in KINDS)}")
    return path


def _kind(output: Path) -> str:
    return output.suffix.removeprefix(".").lower()


def _fps(text: str) -> float:
    with contextlib.suppress(ValueError):
        if LOWEST_FPS <= (fps := float(text)) <= HIGHEST_FPS:
            return fps
    raise argparse.ArgumentTypeError(f"{text} is not from {LOWEST_FPS:g} to {HIGHEST_FPS:g}")


@contextlib.contextmanager
def _opened(output: Path) -> Iterator[IO[bytes]]:
    if output.stem == "-":
        yield sys.stdout.buffer
        sys.stdout.flush()
    else:
        with output.open("wb") as file:
            yield file


class _Recording:
    """A person in a recording, of whom rigs and landmarks are read where a format needs them."""

    def __init__(
        self, path: Path, fps: float | None, *, smooth: bool, person: int, avatar: Proportions | None = None
    ) -> None:
        self._path = path
        self._person = person
        self._fps = fps
        self._smooth = smooth
        self._avatar = avatar

    def writer(self, kind: str) -> Callable[[IO[bytes]], None]:
        """Return what writes it as this kind. Raises ``Unprocessable`` and ``OSError``."""
        if kind in WRITERS:
            motion = resampled(self._motion, RATES.get(kind) or self._fps or natural_fps(self._motion))
            motion = smoothed(motion) if self._smooth else motion
            if self._avatar is None or kind not in AVATAR_WRITERS:
                return partial(WRITERS[kind], motion)
            offsets = np.array(self._avatar.offsets)
            return partial(AVATAR_WRITERS[kind], on_avatar(motion, self._avatar), offsets=offsets)
        found = self._markers
        return partial(MARKER_WRITERS[kind], markers.resampled(found, self._fps or clamped_fps(found.fps)))

    @cached_property
    def _motion(self) -> Motion:
        return motion_of(read_rigs(self._path, self._person))

    @cached_property
    def _markers(self) -> Markers:
        return markers.markers_of(read_tracked(self._path, self._person), smooth=self._smooth)
