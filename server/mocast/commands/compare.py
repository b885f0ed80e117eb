"""``mocast compare``: how alike two motions are, or a pose and a motion, from files of landmarks."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import orjson

from mocast.analysis.motion_similarity import BAND, BodyMotion, MotionSimilarity, compare_motions
from mocast.analysis.pose_similarity import Directions, compare_poses
from mocast.client.body_bones import body_bones
from mocast.client.landmark_frame import LandmarkFrame, PersonLandmarks
from mocast.errors import Unprocessable
from mocast.model.analysis import Similarity
from mocast.model.pts import PTS_PER_S
from mocast.model.wrapping import ahead

NOTHING_TO_COMPARE: Final = 3
"""The exit status where a file has no body in it, or both have no limb in common."""


def compare(words: Sequence[str]) -> int:
    """Print how alike two files are; return the process's exit status."""
    given = _parser().parse_args(words)
    try:
        reference, motion = read_motion(given.reference, mirrored=given.mirrored), read_motion(given.motion)
        answer = compared(reference, motion, given.band)
    except Unprocessable as error:
        print(f"mocast: {error}", file=sys.stderr)
        return NOTHING_TO_COMPARE
    except OSError as error:
        print(f"mocast: {error.filename or 'the file'}: {error.strerror}", file=sys.stderr)
        return 1
    print(orjson.dumps(answer).decode() if given.json else _told(answer))
    return 0


def read_motion(path: Path, *, mirrored: bool = False) -> BodyMotion:
    """Return the body's motion in a file: of JSON lines, or one pose of a picture's JSON.

    Raises ``Unprocessable`` where there is none, and ``OSError``.
    """
    times_s: list[float] = []
    poses: list[Directions] = []
    first_pts = None
    try:
        for found, pts in _people(path):
            if found.pose:
                first_pts = pts if first_pts is None else first_pts
                times_s.append(ahead(pts, first_pts) / PTS_PER_S)
                poses.append(body_bones(found.pose, mirrored=mirrored))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Unprocessable(f"{path}: this holds no landmarks of Mocast.") from error
    if not poses:
        raise Unprocessable(f"{path}: there is no body in it.")
    return BodyMotion.of(times_s, poses)


def compared(reference: BodyMotion, motion: BodyMotion, share: float = BAND) -> dict[str, Any]:
    """Return the similarity as JSON has it. Raises ``Unprocessable`` where no limb is seen in both.

    A reference of one pose is compared with every pose of the motion, and the most similar one is told, with its time.
    """
    if len(reference.times_s) > 1:
        similarity: Similarity | None = compare_motions(reference, motion, share=share)
        more = {"tempo": similarity.tempo} if isinstance(similarity, MotionSimilarity) else {}
    else:
        each = [compare_poses(reference.directions[0], pose) for pose in motion.directions]
        found = [(one.score, -number) for number, one in enumerate(each) if one]
        number = -max(found)[1] if found else 0
        similarity, more = each[number], {"at_s": float(motion.times_s[number])}
    if similarity is None:
        raise Unprocessable("There is nothing to compare: no limb is seen in both.")
    return _rounded({**asdict(similarity), **more})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        "mocast compare", description="How alike a motion is to a reference, 0 to 100, for the body and each limb."
    )
    parser.add_argument("reference", type=Path, help="NAME.jsonl with landmarks, or a picture's NAME.json")
    parser.add_argument("motion", type=Path, help="the same, of who is compared with it")
    parser.add_argument("--mirrored", action="store_true", help="with the reference's mirror image")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument(
        "--band",
        type=_share,
        default=BAND,
        help="how far one may be ahead of the other, as a share of the longer one (default: %(default)s)",
    )
    return parser


def _share(text: str) -> float:
    try:
        if 0 < (share := float(text)) <= 1:
            return share
    except ValueError:
        pass
    raise argparse.ArgumentTypeError(f"{text} is not above 0, and 1 at most")


def _people(path: Path) -> Iterator[tuple[PersonLandmarks, int]]:
    """Yield what was found in each frame of a file, with its ``pts``."""
    if path.suffix == ".json":
        yield PersonLandmarks.of_picture(path.read_bytes()), 0
        return
    with path.open("rb") as lines:
        for line in lines:
            frame = LandmarkFrame.parse(line.decode())
            if frame:
                yield frame, frame.pts


def _rounded(values: dict[str, Any]) -> dict[str, Any]:
    return {
        name: _rounded(value) if isinstance(value, dict) else round(value, 2 if name in ("tempo", "at_s") else 1)
        for name, value in values.items()
    }


def _told(answer: dict[str, Any]) -> str:
    lines = [f"similarity  {answer['score']:.0f} of 100"]
    lines += [f"{limb.replace('_', ' '):<10}  {score:.0f}" for limb, score in answer["limbs"].items()]
    lines += [f"tempo       {answer['tempo']:.2f} times the reference's"] if "tempo" in answer else []
    lines += [f"at          {answer['at_s']:.2f} s"] if "at_s" in answer else []
    return "\n".join(lines)
