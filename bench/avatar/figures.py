"""Figures drawn side by side, so that they can be looked at: the truth, Mocast's rig and Kalidokit's, as stick figures.

All are drawn on the person's own skeleton, hips in the same place, so that only rotations differ.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

mpl.use("Agg")

from matplotlib import pyplot as plt

from bench.avatar.people import Person
from mocast.model.humanoid import PARENTS, HumanoidBone
from mocast.model.quaternions import rotate

B = HumanoidBone
COLOURS = {"truth": "#495057", "Mocast": "#0b7285", "Kalidokit": "#c92a2a"}
_LEFT, _RIGHT = "#e67700", "#5f3dc4"
"""Of left and right limbs, so that a side that is mistaken shows."""


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """One pose of one person, by everybody."""

    title: str
    person: Person
    local: Mapping[str, NDArray[np.float64]]
    "By name: (55, 4) local rotations."
    off_deg: float = 0.0
    "How far Mocast is off, on average."


def draw(path: Path, panels: Sequence[Panel]) -> None:
    """Draw a row for each panel: for each name from the front and from the person's left."""
    names = list(panels[0].local)
    figure, rows = plt.subplots(
        len(panels), 2 * len(names), figsize=(1.9 * 2 * len(names), 2.5 * len(panels)), squeeze=False
    )
    for row, panel in zip(rows, panels, strict=True):
        for column, name in enumerate(names):
            for view in range(2):
                axes = row[2 * column + view]
                _figure(axes, panel.person, panel.local[name], from_side=bool(view))
                axes.set_title(f"{name}, {('front', 'left side')[view]}", fontsize=7, color=COLOURS[name])
        row[0].text(0, 1.14, panel.title, transform=row[0].transAxes, fontsize=9, fontweight="bold")
    figure.subplots_adjust(0.01, 0.01, 0.99, 0.95, 0.02, 0.3)
    _save(figure, path)


def plot_groups(path: Path, panels: Mapping[str, Mapping[str, Mapping[str, float]]]) -> None:
    """Draw how far bones are off: a panel for each kind of landmarks, a group of bars for each group of bones.

    ``panels``: landmarks → solver → group → degrees.
    """
    figure, row = plt.subplots(1, len(panels), figsize=(5.5 * len(panels), 3.6), sharey=True, layout="constrained")
    for axes, (title, solvers) in zip(np.atleast_1d(row), panels.items(), strict=True):
        for number, (name, groups) in enumerate(solvers.items()):
            y = np.arange(len(groups)) + 0.4 * number
            axes.barh(y, list(groups.values()), 0.38, label=name, color=COLOURS[name])
            axes.set_yticks(np.arange(len(groups)) + 0.2, list(groups))
        axes.invert_yaxis()
        axes.set_title(title, fontsize="medium")
        axes.set_xlabel("°, median")
        axes.grid(axis="x", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    np.atleast_1d(row)[0].invert_yaxis()
    np.atleast_1d(row)[-1].legend(frameon=False)
    _save(figure, path)


def plot_courses(path: Path, panels: Mapping[str, Mapping[str, NDArray[np.float64]]], fps: int) -> None:
    """Draw angles over time: a panel for each motion, a line for each name."""
    figure, row = plt.subplots(1, len(panels), figsize=(4.2 * len(panels), 2.8), layout="constrained", squeeze=False)
    for axes, (title, lines) in zip(row[0], panels.items(), strict=True):
        for name, course in lines.items():
            style = "--" if name == "truth" else "-"
            axes.plot(np.arange(len(course)) / fps, course, style, label=name, color=COLOURS[name], linewidth=1.4)
        axes.set_title(title, fontsize="medium")
        axes.set_xlabel("seconds")
        axes.grid(axis="y", alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    row[0, 0].set_ylabel("°")
    row[0, -1].legend(frameon=False)
    _save(figure, path)


def _save(figure: plt.Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    plt.close(figure)


def _figure(axes: plt.Axes, person: Person, local: NDArray[np.float64], *, from_side: bool) -> None:
    joints, turned = person.joints(local, np.array([0.0, person.offsets[B.HIPS, 1], 0.0]))
    across = -joints[:, 2] if from_side else joints[:, 0]
    depth = joints[:, 0] if from_side else joints[:, 2]
    for bone in sorted(B, key=lambda one: depth[one]):
        parent = PARENTS[bone]
        if parent < 0 or bone in {B.LEFT_EYE, B.RIGHT_EYE, B.JAW}:
            continue
        colour = _LEFT if bone.name.startswith("LEFT") else _RIGHT if bone.name.startswith("RIGHT") else "#212529"
        width = 0.7 if bone >= B.LEFT_THUMB_METACARPAL else 2.2
        axes.plot(across[[parent, bone]], joints[[parent, bone], 1], color=colour, linewidth=width)
    _head(axes, person, joints, turned, from_side=from_side)
    axes.set_xlim(-0.95, 0.95)
    axes.set_ylim(-0.1, 2.25)
    axes.set_aspect("equal")
    axes.axis("off")


def _head(
    axes: plt.Axes, person: Person, joints: NDArray[np.float64], turned: NDArray[np.float64], *, from_side: bool
) -> None:
    """Draw the face's outline and where it looks."""
    face = person.face_points(joints, turned)[::4]
    axes.scatter(-face[:, 2] if from_side else face[:, 0], face[:, 1], s=0.5, color="#868e96")
    nose = joints[B.HEAD] + rotate(turned[B.HEAD], np.array([0.0, 0.06, 0.12]))
    tip = nose + rotate(turned[B.HEAD], np.array([0.0, 0.0, 0.14]))
    x = (-nose[2], -tip[2]) if from_side else (nose[0], tip[0])
    axes.plot(x, (nose[1], tip[1]), color="#212529", linewidth=1.0)
    for foot in (B.LEFT_FOOT, B.RIGHT_FOOT):
        side = 0 if foot == B.LEFT_FOOT else 1
        heel, toes = person.sole_points(joints, turned)[side]
        x = (-heel[2], -toes[2]) if from_side else (heel[0], toes[0])
        axes.plot(x, (heel[1], toes[1]), color=_LEFT if side == 0 else _RIGHT, linewidth=1.6)
