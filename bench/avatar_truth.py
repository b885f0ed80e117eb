"""The rig against the truth, and Kalidokit beside it: ``python -m bench.avatar_truth [SUITE ...] [--people 12]``.

Generated people of random proportions, in poses within anatomical limits and in motion, before cameras at random
angles; their landmarks, as the tracker gives them, go into Mocast's solver and into Kalidokit 1.1.5 (by node, after
``npm --prefix bench/kalidokit ci --ignore-scripts``; without it, Mocast alone is measured). Suites:

  poses   angular error by group of bones, without noise and with it (one for each person)
  arms    arms by field of view; hands that touch face, throat and chest; hands that clap
  trunk   nods, leans and turns: delay and kept amplitude; jitter at rest; lean of chest and head before tilted cameras
  feet    planted feet that slide or float in walks, crouches, kneels; jumps; steps nearer
  view    the field of view that the pose would tell, of generated people and of clips (--clip)
  hard    turned by 75°, back view, arms overhead, crossed, behind, sitting, cross-legged, lying
  clips   jitter, flips and lean on clips of people (--clip, more than once)

All people, poses and noise are drawn from ``--seed``: the same numbers on every machine. In code: ``film`` or ``hold``
of ``bench.avatar.takes`` make a take, ``ours`` and ``kalidokits`` solve it, ``bench.avatar.metrics`` compares. A motion
by name, without a suite: ``--motion "touch chin"`` (``--list`` names them). ``--draw FOLDER`` draws poses.
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from bench.avatar import kalidokit, metrics
from bench.avatar.arm_suite import arms
from bench.avatar.feet_suite import feet
from bench.avatar.motions import MOTIONS, Motion
from bench.avatar.pose_suites import hard, poses
from bench.avatar.suite import Found, Run, Section, Suite, best_of, compare
from bench.avatar.takes import PRELUDE_S, film, random_camera
from bench.avatar.trunk_suite import trunk
from bench.avatar.view_suite import view
from bench.report import OUT, save, table


def clips(run: Run) -> list[Section]:
    """Jitter, flips and lean on clips of people, and how much of their heads' jitter is their own."""
    from bench.avatar.clips import FPS, clip_rows, tracked_clip  # noqa: PLC0415
    from bench.avatar.own_motion import AXES, own_motion_row  # noqa: PLC0415

    head = [
        "clip",
        "solver",
        "chest leans °",
        "head back against it °",
        "jitter: chest °",
        "head",
        "fingers",
        "palm flips/min",
    ]
    rows, own = [], []
    for clip in run.clips:
        frames = tracked_clip(clip)
        rows += clip_rows(clip.name, frames, with_kalidokit=run.with_kalidokit)
        own.append([clip.name, *own_motion_row(frames, FPS)])
    if not rows:
        return []
    own_head = ["clip", "head's step ° a picture", *(f"{axis}: place / velocity" for axis in AXES)]
    return [
        Section("Clips", table(head, rows), []),
        Section("Heads below 2 Hz: correlation of the face's and the pose's landmarks", table(own_head, own), []),
    ]


SUITES: dict[str, Suite] = {
    "poses": poses,
    "arms": arms,
    "trunk": trunk,
    "feet": feet,
    "view": view,
    "hard": hard,
    "clips": clips,
}


def one_motion(run: Run, motion: Motion) -> list[Section]:
    """Compare a motion, for each person."""
    rows = []
    for number, person in enumerate(run.persons()):
        rng = run.rng(number)
        camera = random_camera(rng, person, motion.framing, yaw_deg=30, room_m=0.8)
        found: Found = {}
        compare(run, film(motion, person, camera, rng=rng, prelude_s=PRELUDE_S), found)
        for label, of in best_of(found).items():
            rows.append([number, label, *(f"{np.median(e):.1f}" if e else "" for e in of.values())])
    return [Section(f"{motion.name}: median ° of each person", table(["person", "solver", *metrics.GROUPS], rows), [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SUITES)}; all by default")
    parser.add_argument("--people", type=int, default=12, help="generated people (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1, help="of people, poses and noise (default: %(default)s)")
    parser.add_argument("--no-kalidokit", action="store_true", help="measure Mocast alone")
    parser.add_argument("--view-axes", action="store_true", help="world landmarks in the camera's axes, not its ray's")
    parser.add_argument("--clip", type=Path, action="append", default=[], help="a video of a person")
    parser.add_argument("--motion", help="compare this motion only")
    parser.add_argument("--list", action="store_true", help="name the motions")
    parser.add_argument("--draw", type=Path, metavar="FOLDER", help="draw the worst and the hard poses there")
    parser.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    arguments = parser.parse_args()
    if arguments.list:
        print("\n".join(MOTIONS))
        return
    for name in arguments.suites:
        if name not in SUITES:
            parser.error(f"No suite is named {name}: choose of {', '.join(SUITES)}.")
    with_kalidokit = not arguments.no_kalidokit and kalidokit.is_installed()
    if not with_kalidokit and not arguments.no_kalidokit:
        print(f"Kalidokit is not installed ({kalidokit.INSTALL}): Mocast alone is measured.\n")
    run = Run(
        arguments.people,
        arguments.seed,
        with_kalidokit,
        arguments.view_axes,
        tuple(arguments.clip),
        arguments.draw,
    )
    sections = list(_run(run, arguments.suites, arguments.motion))
    text = "\n\n".join(f"## {section.title}\n\n{section.text}" for section in sections)
    figures = [figure for section in sections for figure in section.figures]
    save(arguments.out, "avatar_truth", figures, text, {section.title: section.text for section in sections})


def _run(run: Run, names: Iterable[str], motion: str | None) -> Iterable[Section]:
    if motion is not None:
        yield from one_motion(run, MOTIONS[motion])
        return
    for name in names or SUITES:
        yield from SUITES[name](run)


if __name__ == "__main__":
    main()
