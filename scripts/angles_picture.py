"""The maker of docs/images/joint-angles.svg: where the joint angles are, on two synthetic bodies.

Run: .venv/bin/python -m scripts.angles_picture. Each number is what ``joint_angles`` tells of the body as it is drawn.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tests.unit.rigging.skeletons import posed, tracked

from mocast.analysis.body_segments import BodySegments
from mocast.analysis.joint_angles import joint_angles
from mocast.model.analysis import ANGLE_INDEX, AngleName
from mocast.model.topology import POSE_COUNT
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Pose

TARGET = Path(__file__).resolve().parents[1] / "docs/images/joint-angles.svg"
SCALE = 230
"""Pixels of a metre."""
COLUMN_WH = (420, 440)
LIMBS: tuple[tuple[P, ...], ...] = (
    (P.LEFT_SHOULDER, P.RIGHT_SHOULDER, P.RIGHT_HIP, P.LEFT_HIP, P.LEFT_SHOULDER),
    *(
        (P[f"{side}_SHOULDER"], P[f"{side}_ELBOW"], P[f"{side}_WRIST"], P[f"{side}_INDEX"])
        for side in ("LEFT", "RIGHT")
    ),
    *((P[f"{side}_HIP"], P[f"{side}_KNEE"], P[f"{side}_ANKLE"]) for side in ("LEFT", "RIGHT")),
    *(
        (P[f"{side}_ANKLE"], P[f"{side}_HEEL"], P[f"{side}_FOOT_INDEX"], P[f"{side}_ANKLE"])
        for side in ("LEFT", "RIGHT")
    ),
    (P.LEFT_EAR, P.NOSE, P.RIGHT_EAR),
)
BODIES: tuple[tuple[str, dict[str, tuple[float, float, float]], dict[AngleName, tuple[P, int, int]]], ...] = (
    (
        "from the side",
        {
            "hips": (0, 90, 0),
            "spine": (25, 0, 0),
            "left_upper_arm": (0, -75, 0),
            "left_lower_arm": (0, 0, 60),
            "right_upper_arm": (0, 75, 0),
            "right_lower_arm": (0, 0, -60),
            "left_upper_leg": (-70, 0, 0),
            "left_lower_leg": (85, 0, 0),
            "left_foot": (-15, 0, 0),
            "right_upper_leg": (-10, 0, 0),
            "right_lower_leg": (20, 0, 0),
        },
        {
            "left_elbow": (P.LEFT_ELBOW, 12, 14),
            "left_shoulder_flexion": (P.LEFT_SHOULDER, -175, 0),
            "left_hip_flexion": (P.LEFT_HIP, -150, 5),
            "left_knee": (P.LEFT_KNEE, 14, 4),
            "left_ankle": (P.LEFT_ANKLE, 22, 0),
            "neck": (P.NOSE, 16, 4),
            "trunk_lean": (P.RIGHT_HIP, -110, -50),
        },
    ),
    (
        "from the front",
        {
            "left_upper_arm": (0, 0, 20),
            "right_upper_arm": (0, 0, 55),
            "left_upper_leg": (0, 0, 25),
            "hips": (0, 0, 8),
        },
        {
            "left_shoulder_abduction": (P.LEFT_SHOULDER, 14, 18),
            "right_shoulder_abduction": (P.RIGHT_SHOULDER, -185, 0),
            "left_hip_abduction": (P.LEFT_HIP, 20, 10),
            "trunk_side_lean": (P.RIGHT_HIP, -150, 50),
        },
    ),
)


def main() -> None:
    """Draw the bodies and write the picture."""
    width, height = COLUMN_WH
    drawn = [
        f'<g transform="translate({number * width}, 0)">{"".join(body(*given))}</g>'
        for number, given in enumerate(BODIES)
    ]
    style = (
        "path{fill:none;stroke:#8a93a6;stroke-width:5;stroke-linejoin:round;stroke-linecap:round}"
        "circle{fill:#f08c00}text{font:14px sans-serif;fill:#7a8194}.head{fill:none;stroke:#8a93a6;stroke-width:5}"
    )
    TARGET.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {len(BODIES) * width} {height}"><style>{style}</style>'
        + "".join(drawn)
        + "</svg>\n"
    )


def body(
    title: str, bends: dict[str, tuple[float, float, float]], labels: dict[AngleName, tuple[P, int, int]]
) -> Iterator[str]:
    """Yield the elements of one body; each label is at some pixels from its landmark."""
    pose = tracked(posed(**bends), hands=False).pose
    assert pose is not None
    at = places(pose)
    for limb in LIMBS:
        yield '<path d="M' + "L".join(f"{x:.0f} {y:.0f}" for x, y in at[list(limb)]) + '"/>'
    x, y = at[[P.LEFT_EAR, P.RIGHT_EAR]].mean(0)
    yield f'<circle class="head" cx="{x:.0f}" cy="{y:.0f}" r="{0.11 * SCALE:.0f}"/>'
    degrees, _ = joint_angles(BodySegments(pose, (None, None), np.ones(POSE_COUNT, bool), (1, 1)))
    for name, (landmark, right, down) in labels.items():
        x, y = at[landmark]
        text = (
            f"{name.removeprefix('left_').removeprefix('right_').replace('_', ' ')} {degrees[ANGLE_INDEX[name]]:.0f}°"
        )
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5"/>'
        yield f'<text x="{x + right:.0f}" y="{y + down:.0f}">{text}</text>'
    yield f'<text x="{COLUMN_WH[0] / 2:.0f}" y="{COLUMN_WH[1] - 6}" text-anchor="middle">{title}</text>'


def places(pose: Pose) -> NDArray[np.float64]:
    """Return (33, 2) pixels."""
    width, height = COLUMN_WH
    return pose.world[:, :2] * SCALE + np.array([width / 2, 0.5 * height])


if __name__ == "__main__":
    main()
