"""Hands of generated people on the default avatar: ``python -m bench.hands_on_avatar [--people 12] [--noise 0]``.

People of random proportions touch cheek, chin, throat and chest. Where their fingertip is relative to the part, in
sizes of the person's face or chest, is where the avatar's fingertip should be relative to the avatar's part. Its face
is known from how it is modelled (``scripts/avatar``), and how deep throat and chest are from what is drawn there, the
hood that it wears among it; not from what the retargeting measures. Once with the true
rotations, so that it is the retargeting that is measured, and once with the solver's.
"""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scripts.avatar import features, head
from scripts.avatar.proportions import on_body

from bench.avatar.motions import MOTIONS
from bench.avatar.people import EARS_M, SIDES, Person, random_person
from bench.avatar.poses import PosedBody
from bench.avatar.takes import PRELUDE_S, film, ours, random_camera
from bench.report import OUT, Figure, save, table
from mocast.model.hand_targets import HandTargets
from mocast.model.humanoid import PARENTS, HumanoidBone
from mocast.model.quaternions import Quaternions
from mocast.model.topology import POSE_COUNT
from mocast.rigging.retargeting import arm_kinematics
from mocast.rigging.retargeting.arm_fitting import ArmFitter
from mocast.rigging.retargeting.person_size import PersonSize
from mocast.rigging.retargeting.proportions import Proportions, rows
from mocast.rigging.retargeting.target_finder import hand_targets
from mocast.rigging.retargeting.vrm_file import read_vrm
from mocast.rigging.retargeting.vrm_proportions import proportions_of

B = HumanoidBone
Point = NDArray[np.float64]
AVATAR = Path(__file__).parents[1] / "web" / "public" / "default.vrm"
SITES = {"touch cheek": B.HEAD, "touch chin": B.HEAD, "touch throat": B.UPPER_CHEST, "touch chest": B.UPPER_CHEST}
TRUNK = (B.CHEST, B.UPPER_CHEST, B.NECK)
NEAR_M = 0.015
"""As far aside of a point, what is drawn foremost is touched there."""
CHIN, LEFT_EYE, MOUTH = 152, 473, 13
"""Landmarks of the face."""


class Avatar:
    """The default avatar: its proportions, and where its face is by the script that models it."""

    def __init__(self) -> None:
        vrm = read_vrm(AVATAR)
        self.body = proportions_of(vrm)
        self.fitter = ArmFitter(self.body)
        self._joints = joints_at_rest(self.body)
        self._trunk = np.concatenate([vrm.skin[bone] for bone in TRUNK]) - self._joints[B.UPPER_CHEST]
        eye, mouth = (on_body(head.surface(place[None]))[0] for place in (features.EYE, features.MOUTH))
        self.eye, self.mouth = (point - self._joints[B.HEAD] for point in (eye, mouth))
        # Where the profile turns from front to below.
        profile = head.surface(np.array([[0.0, q] for q in np.linspace(-0.14, -0.08, 200)]))
        under = head.normal(profile)
        self.chin = on_body(profile[np.abs(under[:, 1] + under[:, 2]).argmin()]) - self._joints[B.HEAD]

    def site(self, name: str, on_person: Point, person: Person, body: Proportions) -> tuple[Point, Point]:
        """Return where a part is, relative to its bone's joint, and how large it is in comparison with the person's.

        ``on_person``: the part of the person, from the joint.
        """
        face = person.face + person.head * EARS_M
        if name == "touch chin":
            return self.chin, np.full(3, self._face_ratio(face))
        if name == "touch cheek":
            # As far between mouth and eye, and as far aside of the eye, as the person's.
            eye, mouth = face[LEFT_EYE], face[MOUTH]
            x = on_person[0] / eye[0] * self.eye[0]
            y = self.mouth[1] + (on_person[1] - mouth[1]) / (eye[1] - mouth[1]) * (self.eye[1] - self.mouth[1])
            return np.array([x, y, self._skin_z(x, y)]), np.full(3, self._face_ratio(face))
        ratio = np.array(self.body.sizes[1]) / np.array(body.sizes[1])
        x, y, _ = np.array(self.body.middles[1]) + ratio * (on_person - np.array(body.middles[1]))
        near = np.hypot(self._trunk[:, 0] - x, self._trunk[:, 1] - y) < NEAR_M
        return np.array([x, y, self._trunk[near, 2].max()]), ratio

    def _face_ratio(self, face: Point) -> float:
        return float((self.eye[1] - self.chin[1]) / (face[LEFT_EYE, 1] - face[CHIN, 1]))

    def _skin_z(self, x: float, y: float) -> float:
        """Return how far the skin is before the head's joint there."""
        from_joint = self._joints[B.HEAD]
        across = np.linspace(-0.14, 0.14, 57)
        grid = np.stack(np.meshgrid(across, across), -1).reshape(-1, 2)
        skin = on_body(head.surface(grid)) - from_joint
        skin = skin[skin[:, 2] > 0]
        return float(skin[np.hypot(skin[:, 0] - x, skin[:, 1] - y).argmin(), 2])


def joints_at_rest(body: Proportions) -> Point:
    """Return the (55, 3) joints of a body at rest."""
    joints = np.array(body.offsets)
    for bone, parent in enumerate(PARENTS):
        if parent >= 0:
            joints[bone] += joints[parent]
    return joints


def measured(person: Person) -> Proportions:
    """Return a person's proportions as they are learnt from landmarks without an error."""
    body = PosedBody(person)
    joints, turned = body.state()
    hands = np.stack([person.hand_points(joints, turned, side) for side in SIDES])
    size = PersonSize()
    size.learn(person.pose_points(joints, turned), np.ones(POSE_COUNT, bool), hands, np.ones(2, bool), 1.0)
    return size.proportions()


def fingertip(local: Quaternions, body: Proportions, side: int, part: HumanoidBone) -> Point:
    """Return the tip of the middle finger in the axes of the head or the chest, from its joint."""
    turns = local.tolist()
    trunk = arm_kinematics.trunk(turns, body)
    wrist = arm_kinematics.arm(turns, trunk.chest, side, body).wrist
    tip = arm_kinematics.fingertips(turns, wrist, side, body)[2]
    return np.array(arm_kinematics.into(trunk.head if part == B.HEAD else trunk.chest, tip))


def fitted(local: Quaternions, avatar: Avatar, targets: HandTargets) -> Quaternions:
    """Return local rotations with the arms fitted to the avatar."""
    turned = local.copy()
    for bone, rotation in avatar.fitter.fit(local.tolist(), targets).items():
        turned[bone] = rotation
    return turned


def errors_cm(avatar: Avatar, name: str, people: list[Person], noise_m: float, seed: int) -> dict[str, list[float]]:
    """Return the errors in the frames in which a hand touches, by way."""
    found: dict[str, list[float]] = defaultdict(list)
    part, side = SITES[name], 1
    for number, person in enumerate(people):
        rng = np.random.default_rng([seed, number])
        camera = random_camera(rng, person, MOTIONS[name].framing, yaw_deg=30, pitch_deg=10)
        take = film(MOTIONS[name], person, camera, noise_m=noise_m, rng=rng, seconds=4.0, prelude_s=PRELUDE_S)
        answer, body = ours(take), measured(person)
        on_person = PosedBody(person).on(name.removeprefix("touch "), SIDES[side])[0]
        joints, _ = PosedBody(person).state()
        goal, ratio = avatar.site(name, on_person - joints[part], person, body)
        own = Proportions(rows(person.offsets), body.middles, body.sizes, body.hand_m)
        for frame in range(take.settled.start, len(take.shots)):
            if not take.bodies[frame].touches:
                continue
            true = take.bodies[frame].local
            wanted = goal + ratio * (fingertip(true, own, side, part) - (on_person - joints[part]))
            solved = answer.local[frame]
            ways = {
                "rotations as they are": true,
                "fitted": fitted(true, avatar, hand_targets(true, own)),
                "solved, as they are": solved,
                "solved and fitted": fitted(solved, avatar, answer.rigs[frame].hand_targets),
            }
            for way, local in ways.items():
                found[way].append(100 * float(np.linalg.norm(fingertip(local, avatar.body, side, part) - wanted)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure where hands are on the default avatar.")
    parser.add_argument("--people", type=int, default=12)
    parser.add_argument("--noise", type=float, default=0.0, help="metres across the picture (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    arguments = parser.parse_args()
    avatar = Avatar()
    people = [random_person(np.random.default_rng([arguments.seed, number])) for number in range(arguments.people)]
    rows_, figures = [], []
    for name, part in SITES.items():
        found = errors_cm(avatar, name, people, arguments.noise, arguments.seed)
        rows_.append(
            [name, *(f"{np.median(values):.1f} / {np.percentile(values, 95):.1f}" for values in found.values())]
        )
        if part == B.HEAD:
            figures.append(Figure(f"{name}, fitted", float(np.median(found["fitted"])), "cm", at_most=2.0))
    text = table(["touch, error in cm: median / p95", *found], rows_)
    save(arguments.out, "hands-on-avatar", figures, text, {"rows": rows_})


if __name__ == "__main__":
    main()
