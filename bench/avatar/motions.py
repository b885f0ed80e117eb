"""Motions of generated people: for each time a pose in the room, with the feet that stand and the hands that touch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.avatar.people import Person
from bench.avatar.poses import PosedBody
from mocast.model.humanoid import HumanoidBone

B = HumanoidBone
Pose = Callable[[Person, float], PosedBody]


@dataclass(frozen=True, slots=True)
class Motion:
    """What a person does, over some seconds."""

    name: str
    pose: Pose
    seconds: float = 6.0
    hertz: float = 0.0
    "Of a motion that goes to and fro."
    framing: str = "full"
    "``full``: the whole body is in the picture; ``half``: down to the belt."


def _swing(degrees: float, hertz: float, time_s: float) -> float:
    return degrees * float(np.sin(2 * np.pi * hertz * time_s))


def _smooth(x: float) -> float:
    """Return a smooth step from 0 to 1."""
    x = min(max(x, 0.0), 1.0)
    return x * x * x * (x * (6 * x - 15) + 10)


def _feet(person: Person, apart: float = 1.0) -> list[NDArray[np.float64]]:
    x = apart * float(person.offsets[B.LEFT_UPPER_LEG, 0])
    return [np.array([x, person.ankle_m, 0.0]), np.array([-x, person.ankle_m, 0.0])]


def standing(person: Person) -> PosedBody:
    """Return a person who stands, arms down, knees straight."""
    body = PosedBody(person)
    body.stand(*_feet(person), yaw_deg=(8, -8))
    return body


def stance(person: Person, _: float) -> PosedBody:
    return standing(person)


def nod(degrees: float, hertz: float) -> Pose:
    return lambda person, t: standing(person).look(_swing(degrees, hertz, t), 0, 0)


def shake(degrees: float, hertz: float) -> Pose:
    return lambda person, t: standing(person).look(0, _swing(degrees, hertz, t), 0)


def tilt(degrees: float, hertz: float) -> Pose:
    return lambda person, t: standing(person).look(0, 0, _swing(degrees, hertz, t))


def lean(degrees: float, hertz: float) -> Pose:
    """Forward and back, about the hips, as somebody seated does: the head goes along."""

    def pose(person: Person, t: float) -> PosedBody:
        body = PosedBody(person)
        body.turn("HIPS", _swing(degrees, hertz, t), 0, 0)
        body.stand(*_feet(person))
        return body

    return pose


def sway(degrees: float, hertz: float) -> Pose:
    """To the left and to the right, about the hips."""

    def pose(person: Person, t: float) -> PosedBody:
        body = PosedBody(person)
        body.turn("HIPS", 0, 0, _swing(degrees, hertz, t))
        body.stand(*_feet(person))
        return body

    return pose


def step_of(
    t: float, period_s: float, length_m: float, phase: float, lift_m: float = 0.08
) -> tuple[float, float, float, bool]:
    """Return how far a foot has gone, its lift and pitch, and whether it stands; it swings in 0.4 of its period.

    In the middle of its stance it is below the hips.
    """
    cycle, share = divmod(t / period_s + phase, 1.0)
    phase -= 0.3
    swing = (share - 0.6) / 0.4
    if swing < 0:
        return length_m * (cycle - phase), 0.0, 0.0, True
    moved = _smooth(swing)
    return (
        length_m * (cycle - phase + moved),
        lift_m * np.sin(np.pi * swing) ** 2,
        25 * np.sin(2 * np.pi * swing),
        False,
    )


def walk(aside: bool = False, speed: float = 0.75) -> Pose:
    """At an even pace, toward the camera or to the person's left, from 1.4 m before the middle of the room."""
    period_s = 1.1
    length_m = speed * period_s

    def pose(person: Person, t: float) -> PosedBody:
        body = PosedBody(person)
        along = np.array([1.0, 0, 0]) if aside else np.array([0.0, 0, 1])
        start = -0.5 * speed * 4.0 * along
        swing = np.sin(2 * np.pi * t / period_s)
        legs = sum(person.legs_m)
        body.hips += start + along * speed * t + [0.0, -0.06 * legs - 0.012 * np.cos(4 * np.pi * t / period_s), 0]
        body.turn("HIPS", 0, 90.0 if aside else 0.0, 0)
        feet, planted, pitches = [], [], []
        for side, ankle in enumerate(_feet(person)):
            gone, lift, pitch, stands = step_of(t, period_s, length_m, 0.5 * side + 0.3)
            width = np.array([0.0, 0, -ankle[0]]) if aside else np.array([ankle[0], 0, 0])
            feet.append(start + along * gone + width + [0, ankle[1] + lift, 0])
            planted.append(stands)
            pitches.append(pitch)
        for side, sign in (("LEFT", 1), ("RIGHT", -1)):
            body.turn(f"{side}_UPPER_ARM", 0, 0, -72 * sign)
            body.turn(f"{side}_LOWER_ARM", 0, -(20 + 8 * swing * sign) * sign, 0)
        yaw = (90.0, 90.0) if aside else (0.0, 0.0)
        _lower(body, feet)
        body.stand(*feet, yaw_deg=yaw, pitch_deg=(pitches[0], pitches[1]))
        body.planted = planted[0], planted[1]
        return body

    return pose


def _lower(body: PosedBody, ankles: list[NDArray[np.float64]]) -> None:
    """Lower the hips as far as the legs would not reach both ankles."""
    hips = body.state()[0][[B.LEFT_UPPER_LEG, B.RIGHT_UPPER_LEG]]
    reach_m = 0.999 * sum(body.person.legs_m)
    off = hips - ankles
    missing = off[:, 1] - np.sqrt(reach_m**2 - off[:, 0] ** 2 - off[:, 2] ** 2)
    body.hips[1] -= max(0.0, *missing)


def step_nearer(person: Person, t: float) -> PosedBody:
    """Two seconds of standing, two steps of 56 cm toward the camera, and standing again."""
    body = PosedBody(person)
    starts = (2.0, 2.6)
    moved = [0.56 * _smooth((t - start) / 0.6) for start in starts]
    body.hips += [0.0, -0.06 * sum(person.legs_m), 0.5 * sum(moved)]
    feet, planted = [], []
    for ankle, start, gone in zip(_feet(person), starts, moved, strict=True):
        swing = (t - start) / 0.6
        is_up = 0 < swing < 1
        feet.append(ankle + [0.0, 0.08 * np.sin(np.pi * swing) ** 2 if is_up else 0.0, gone])
        planted.append(not is_up)
    _lower(body, feet)
    body.stand(*feet)
    body.planted = planted[0], planted[1]
    return body


JUMP_M = 0.28
_DIP_M, _GRAVITY = 0.16, 9.81


def jump(person: Person, t: float) -> PosedBody:
    """Stand, dip, jump by 28 cm and land, every 3 seconds."""
    body = PosedBody(person)
    t = t % 3.0 - 1.2
    up_s = float(np.sqrt(2 * JUMP_M / _GRAVITY))
    speed = _GRAVITY * up_s
    push_s, sink_s = 2 * _DIP_M / speed, 0.35
    height, is_off = 0.0, False
    if -sink_s - push_s < t <= -push_s:
        height = -_DIP_M * _smooth((t + sink_s + push_s) / sink_s)
    elif -push_s < t <= 0:
        height = -_DIP_M + _DIP_M * ((t + push_s) / push_s) ** 2
    elif 0 < t < 2 * up_s:
        height, is_off = speed * t - 0.5 * _GRAVITY * t * t, True
    elif 2 * up_s <= t < 2 * up_s + push_s:
        height = -_DIP_M + _DIP_M * (1 - (t - 2 * up_s) / push_s) ** 2
    elif 2 * up_s + push_s <= t < 2 * up_s + push_s + 0.5:
        height = -_DIP_M * (1 - _smooth((t - 2 * up_s - push_s) / 0.5))
    lift = height if is_off else 0.0
    body.hips[1] += height - 0.012 * sum(person.legs_m)
    toes = 30.0 * min(lift / 0.1, 1.0)
    body.stand(*(ankle + [0, lift, 0] for ankle in _feet(person)), pitch_deg=(toes, toes))
    body.planted = (not is_off, not is_off)
    return body


def crouch(person: Person, t: float) -> PosedBody:
    """Down to a deep squat and up again, every 4 seconds; arms forward, soles flat."""
    body = PosedBody(person)
    depth = 0.5 - 0.5 * float(np.cos(2 * np.pi * t / 4.0))
    legs = sum(person.legs_m)
    body.hips += [0.0, -0.52 * legs * depth, -0.14 * depth]
    body.turn("HIPS", 35 * depth, 0, 0).bend(10 * depth, 0, 0).look(-30 * depth, 0, 0)
    for side, sign in (("LEFT", 1), ("RIGHT", -1)):
        body.turn(f"{side}_UPPER_ARM", 0, -60 * depth * sign, -70 * sign * (1 - 0.6 * depth))
    body.stand(*_feet(person, 1.6), yaw_deg=(20, -20))
    return body


def kneel(person: Person, t: float) -> PosedBody:
    """Step forward with the left foot, down on the right knee, up again, and back, every 5 seconds."""
    body = PosedBody(person)
    t %= 5.0
    forth, back = t / 0.6, (t - 4.4) / 0.6
    stepped = _smooth(forth) - _smooth(back)
    down = _smooth((t - 0.6) / 1.2) * (1 - _smooth((t - 3.2) / 1.2))
    thigh, shank = person.legs_m
    left, right = _feet(person)
    is_swinging = forth < 1 or back > 0
    left += [0.0, 0.08 * np.sin(np.pi * stepped) ** 2, 0.25 * stepped]
    # The hips are low enough for a straight leg to reach the left foot; at the bottom the right thigh stands upright on
    # its knee, which is 5 cm above the floor.
    hip = float(person.offsets[B.LEFT_UPPER_LEG, 1])
    standing_m = person.ankle_m - hip + float(np.sqrt((0.995 * (thigh + shank)) ** 2 - 0.25**2))
    body.hips[1] = standing_m + down * (0.05 + thigh - hip - standing_m)
    away = np.sqrt(max(shank**2 - 0.05**2, 0))
    right = right + [0.0, 0.10 * down + 0.05 * np.sin(np.pi * down), -down * away]
    yaw_deg = (8.0, -8.0)
    for _ in range(2):  # the second time with the toes of the right foot on the floor, or above it
        body.stand(left, right, yaw_deg=yaw_deg, pitch_deg=(0.0, 75 * down))
        lowest = float(person.sole_points(*body.state())[1, :, 1].min())
        right[1] -= lowest if down == 1.0 else min(lowest, 0.0)
    body.planted = (not is_swinging, down in {0.0, 1.0})
    return body


def clap(person: Person, t: float) -> PosedBody:
    """Hands meet before the chest, twice a second."""
    body = standing(person)
    joints, _ = body.state()
    apart = 0.02 + 0.22 * (0.5 - 0.5 * float(np.cos(4 * np.pi * t)))
    centre = joints[B.UPPER_CHEST] + [0.0, 0.02, 0.38]
    for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        tip = centre + [0.5 * apart * sign, 0.08, 0.06]
        body.reach(side, tip, np.array([0.0, 0.6, 0.8]), np.array([-sign, 0.0, 0.0]))
    return body


def touch(target: str, side: str = "RIGHT") -> Pose:
    """The hand goes from before the chest to the part, stays for two seconds, and goes back; every 4 seconds."""

    def pose(person: Person, t: float) -> PosedBody:
        body = standing(person)
        share = _smooth((t % 4.0) / 0.6) * (1 - _smooth((t % 4.0 - 3.2) / 0.6))
        sign = 1.0 if side == "LEFT" else -1.0
        body.touch(target, side)
        if share < 1.0:
            body.touches.clear()
            point, normal, part = body.on(target, side)
            chest = body.state()[0][B.UPPER_CHEST]
            start = chest + [0.20 * sign, 0.0, 0.35]
            goal = start + share * (point + 0.012 * normal - start) + 0.06 * np.sin(np.pi * share) * normal
            fingers = np.array([-0.35 * sign, 0.9, 0.1]) if part == B.HEAD else np.array([-0.9 * sign, 0.4, -0.15])
            body.reach(side, goal, fingers, -normal)
        return body

    return pose


def arms_overhead(person: Person, t: float) -> PosedBody:
    body = standing(person)
    for side, sign in (("LEFT", 1), ("RIGHT", -1)):
        up = (75 + _swing(8, 0.5, t)) * sign
        body.turn(f"{side}_SHOULDER", 0, 0, 15 * sign).turn(f"{side}_UPPER_ARM", 0, 0, up - 15 * sign)
        body.turn(f"{side}_LOWER_ARM", 0, 0, 20 * sign)
    return body


def arms_crossed(person: Person, _: float) -> PosedBody:
    body = standing(person)
    joints, _ = body.state()
    chest = joints[B.UPPER_CHEST]
    for side, sign, front in (("LEFT", 1.0, 0.22), ("RIGHT", -1.0, 0.27)):
        tip = chest + [-0.16 * sign, -0.08 if sign > 0 else -0.05, front - 0.05]
        body.reach(side, tip, np.array([-sign, 0.1, -0.25]), np.array([0.0, 0.0, -1.0]), np.array([sign, -0.6, 0.0]))
    return body


def hands_behind(person: Person, _: float) -> PosedBody:
    body = standing(person)
    joints, _ = body.state()
    for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        tip = joints[B.SPINE] + [-0.06 * sign, -0.05, -0.17]
        body.reach(side, tip, np.array([-sign, -0.3, 0.0]), np.array([0.0, 0.0, -1.0]), np.array([sign, 0.0, -0.7]))
    body.hands = (False, False)
    return body


def hands_on_hips(person: Person, _: float) -> PosedBody:
    body = standing(person)
    joints, _ = body.state()
    for side, sign in (("LEFT", 1.0), ("RIGHT", -1.0)):
        tip = joints[B[f"{side}_UPPER_LEG"]] + [0.04 * sign, 0.10, 0.10]
        body.reach(
            side, tip, np.array([-0.8 * sign, -0.3, 0.5]), np.array([-sign, 0.0, -0.3]), np.array([sign, 0, -0.5])
        )
    return body


def sitting(person: Person, _: float) -> PosedBody:
    """On a chair."""
    body = PosedBody(person)
    thigh, shank = person.legs_m
    body.hips[1] = person.ankle_m + shank - float(person.offsets[B.LEFT_UPPER_LEG, 1]) + 0.02
    body.stand(*(ankle + [0, 0, 0.97 * thigh] for ankle in _feet(person, 1.3)))
    return body


def sitting_cross_legged(person: Person, _: float) -> PosedBody:
    body = PosedBody(person)
    body.hips[1] = 0.14
    for side, sign in (("LEFT", 1), ("RIGHT", -1)):
        body.turn(f"{side}_UPPER_LEG", -78, 50 * sign, 12 * sign).turn(f"{side}_LOWER_LEG", 125, 0, 0)
    body.turn("HIPS", -8, 0, 0).bend(14, 0, 0)
    body.planted = (False, False)
    return body


def lying(person: Person, _: float) -> PosedBody:
    """On the back, head to the person's former right, as seen from the side."""
    body = PosedBody(person)
    body.turn("HIPS", 0, 0, -88)
    body.hips[1] = 0.25
    body.planted = (False, False)
    return body


def turned(yaw_deg: float) -> Pose:
    def pose(person: Person, _: float) -> PosedBody:
        body = standing(person)
        body.local[B.HIPS] = PosedBody(person).turn("HIPS", 0, yaw_deg, 0).local[B.HIPS]
        return body

    return pose


MOTIONS: dict[str, Motion] = {
    motion.name: motion
    for motion in (
        Motion("stance", stance, 12.0),
        Motion("stance, half body", stance, 12.0, framing="half"),
        Motion("nod 8° 1 Hz", nod(8, 1.0), 8.0, 1.0, "half"),
        Motion("nod 3° 0.5 Hz", nod(3, 0.5), 10.0, 0.5, "half"),
        Motion("nod 20° 1 Hz", nod(20, 1.0), 8.0, 1.0, "half"),
        Motion("shake 8° 1 Hz", shake(8, 1.0), 8.0, 1.0, "half"),
        Motion("tilt 8° 1 Hz", tilt(8, 1.0), 8.0, 1.0, "half"),
        Motion("lean 5° 1 Hz", lean(5, 1.0), 8.0, 1.0, "half"),
        Motion("lean 5° 1 Hz, full body", lean(5, 1.0), 8.0, 1.0),
        Motion("sway 5° 1 Hz", sway(5, 1.0), 8.0, 1.0, "half"),
        Motion("walk", walk(), 4.0),
        Motion("walk aside", walk(aside=True), 4.0),
        Motion("step nearer", step_nearer, 6.0),
        Motion("jump", jump, 9.0),
        Motion("crouch", crouch, 8.0),
        Motion("kneel", kneel, 10.0),
        Motion("clap", clap, 4.0),
        Motion("touch cheek", touch("cheek"), 8.0),
        Motion("touch chin", touch("chin"), 8.0),
        Motion("touch throat", touch("throat"), 8.0),
        Motion("touch chest", touch("chest"), 8.0),
        Motion("touch cheek, half body", touch("cheek"), 8.0, framing="half"),
        Motion("touch chin, half body", touch("chin"), 8.0, framing="half"),
        Motion("touch throat, half body", touch("throat"), 8.0, framing="half"),
        Motion("arms overhead", arms_overhead, 3.0),
        Motion("arms crossed", arms_crossed, 3.0),
        Motion("hands behind", hands_behind, 3.0),
        Motion("hands on hips", hands_on_hips, 3.0),
        Motion("sitting", sitting, 3.0),
        Motion("sitting cross-legged", sitting_cross_legged, 3.0),
        Motion("lying", lying, 3.0),
        Motion("turned by 75°", turned(75), 3.0),
        Motion("back view", turned(180), 3.0),
    )
}
"""All motions, by name."""
