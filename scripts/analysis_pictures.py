"""The maker of the pictures in docs/analysis.md of joint angles, heads, postures and falls: docs/images/*.svg.

Run: .venv/bin/python -m scripts.analysis_pictures. Each number is a constant of the code, or what the code tells of the
synthetic face or body that is drawn.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scripts.svg_plot import Plot, dots, line, text, write
from tests.faces import SIZE_WH, Grimace, seen, shaped
from tests.faces import turned as face_turned
from tests.falling import STANDING, moving, pose_of
from tests.unit.rigging.skeletons import posed, tracked

from mocast.analysis import drowsiness, eye_blinks, falls, gaze_on_screen, head_gestures, posture_watch
from mocast.analysis.body_segments import BodySegments
from mocast.analysis.head_measures import Head
from mocast.analysis.joint_angles import joint_angles
from mocast.analysis.observation import Observation
from mocast.analysis.posture_angles import PostureAngles, posture_angles
from mocast.model.analysis import ANGLE_INDEX, AngleName
from mocast.model.blendshapes import Shape
from mocast.model.head import HeadState
from mocast.model.options import AnalysisOptions, RigOptions
from mocast.model.topology import ANKLES, EARS, HIPS, POSE_COUNT, SHOULDERS
from mocast.model.topology import PoseLandmark as P
from mocast.model.tracked import Face, Pose, Tracked
from mocast.rigging.face.head_pose import RIGID_LANDMARKS
from mocast.rigging.face.measures import Measure, terms
from mocast.rigging.solver import Solver

IMAGES = Path(__file__).resolve().parents[1] / "docs/images"
FPS = 30
SCALE = 230
"""Pixels of a metre."""
COLUMN_WH = (420, 440)
SWING_HZ = 1.5
"""Of the head that nods and shakes."""
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
    """Draw and write the pictures."""
    for name, (size_wh, elements) in PICTURES.items():
        write(IMAGES / f"{name}.svg", size_wh, elements())


def angles() -> Iterator[str]:
    """Yield the bodies whose joint angles are shown."""
    for number, given in enumerate(BODIES):
        yield f'<g transform="translate({number * COLUMN_WH[0]}, 0)">{"".join(body(*given))}</g>'


def body(
    title: str, bends: dict[str, tuple[float, float, float]], labels: dict[AngleName, tuple[P, int, int]]
) -> Iterator[str]:
    """Yield the elements of one body; each label is at some pixels from its landmark."""
    pose = tracked(posed(**bends), hands=False).pose
    assert pose is not None
    at = places(pose)
    for limb in LIMBS:
        yield line(at[list(limb)], "limb")
    x, y = at[[P.LEFT_EAR, P.RIGHT_EAR]].mean(0)
    yield f'<circle class="head" cx="{x:.0f}" cy="{y:.0f}" r="{0.11 * SCALE:.0f}"/>'
    degrees, _ = joint_angles(BodySegments(pose, (None, None), np.ones(POSE_COUNT, bool), (1, 1)))
    for name, (landmark, right, down) in labels.items():
        x, y = at[landmark]
        plain = name.removeprefix("left_").removeprefix("right_").replace("_", " ")
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5"/>'
        yield text(x + right, y + down, f"{plain} {degrees[ANGLE_INDEX[name]]:.0f}°", "")
    yield text(COLUMN_WH[0] / 2, COLUMN_WH[1] - 6, title, "", "middle")


def places(pose: Pose) -> NDArray[np.float64]:
    """Return (33, 2) pixels."""
    width, height = COLUMN_WH
    return pose.world[:, :2] * SCALE + np.array([width / 2, 0.5 * height])


def heads() -> Iterator[str]:
    """Yield a face, and courses of a nod and a shake, of blinks, a yawn and a gaze off the screen."""
    yield from face_landmarks()
    yield from nod_and_shake()
    yield from blinks(Plot((45, 295), (215, 110), (0, 8), (0, 1)))
    yield from yawn(Plot((325, 295), (215, 110), (0, 7), (0, 1)))
    yield from gaze(Plot((605, 295), (215, 110), (0, 7), (-5, 45)))


def face_landmarks() -> Iterator[str]:
    """Yield a face with the landmarks that the measures are of."""
    rotation = face_turned(25, 4)
    points = shaped(Grimace(jaw_deg=14)) @ rotation.T
    sums = terms()

    def at(chosen: NDArray[np.float64]) -> NDArray[np.float64]:
        return chosen[:, :2] * (1050, -1050) + (85, 125)

    yield dots(at(points), "dots")
    yield dots(at(points[list(RIGID_LANDMARKS)]), "used a")
    ahead = np.array([(0, 0, 0), (0, 0, 0.05)]) @ rotation.T + points[1]
    yield line(at(ahead), "a wide")
    yield text(175, 122, "rigid: yaw, pitch", "note a")
    for kind, y, words, measures in (
        ("b", 55, "lids: blinks", (Measure.EYE_OPEN_LEFT, Measure.EYE_OPEN_RIGHT)),
        ("c", 73, "irises: gaze", (Measure.IRIS_OUT_LEFT, Measure.IRIS_OUT_RIGHT)),
        ("b", 190, "chin, lip, nose: yawns", (Measure.LOWER_TEETH, Measure.CHIN)),
    ):
        used = {point for measure in measures for _, _, which in sums[measure] for point in which}
        yield dots(at(points[sorted(used)]), f"used {kind}")
        yield text(165, y, words, f"note {kind}")


def seen_heads(face: Callable[[float], Face], seconds: float) -> list[tuple[Observation, HeadState]]:
    """Return what is seen of a face that moves, and its head, for each frame."""
    head, solver, found = Head(), Solver(RigOptions()), []
    for number in range(round(FPS * seconds)):
        tracked_face = Tracked(number, number * 3000, 0, SIZE_WH, face=face(number / FPS))
        observed = Observation(tracked_face, solver.rig(tracked_face), AnalysisOptions(), number / FPS, 1 / FPS)
        state = head.update(observed)
        assert state is not None
        found.append((observed, state))
    return found


def nod_and_shake() -> Iterator[str]:
    """Yield yaw and pitch of a head that nods, and then shakes."""

    def swing(time_s: float, begin_s: float) -> float:
        return 9 * math.sin(2 * math.pi * SWING_HZ * (time_s - begin_s)) if 0 < time_s - begin_s < 2 / SWING_HZ else 0.0

    found = seen_heads(lambda at_s: seen(rotation=face_turned(swing(at_s, 4), swing(at_s, 1))), 7)
    plot, times_s = Plot((340, 45), (480, 150), (0, 7), (-15, 15)), [observed.now_s for observed, _ in found]
    yield from shown(plot, times_s, [state.gesture is not None for _, state in found])
    yield plot.axes("where the head faces, degrees", 1, (-10, 0, 10))
    yield text(540, 23, "pitch", "note d") + text(580, 23, "yaw", "note a")
    yield plot.curve(times_s, [state.pitch_deg for _, state in found], "d")
    yield plot.curve(times_s, [state.yaw_deg for _, state in found], "a")
    for x_s, name, kind in ((0.35, "nod", "d"), (3.35, "shake", "a")):
        least = head_gestures.LEAST_SWING_DEG[name]
        yield plot.bar(x_s, -least / 2, least / 2, f"{least:g}°", kind)
    for observed, _ in found:
        for event in observed.events:
            yield plot.event(observed.now_s, str(event.data["name"]))
    yield text(
        340,
        228,
        f"{head_gestures.SWINGS} swings, each higher than the bar, in {head_gestures.SWING_S:g} s at most; "
        f"over {head_gestures.QUIET_S:g} s after the last of them",
    )


def blinks(plot: Plot) -> Iterator[str]:
    """Yield two blinks, and eyes that are shut for too long."""
    shut_at_s = ((1.0, 0.2), (2.2, 0.3), (3.8, 1.0))

    def face(time_s: float) -> Face:
        shut = max(min(max(1.5 - abs(2 * (time_s - begin) / takes - 1) * 1.5, 0), 1) for begin, takes in shut_at_s)
        return seen(Grimace(shut={"left": shut, "right": shut}))

    found, eyes = seen_heads(face, plot.seconds[1]), eye_blinks.EyeBlinks()
    times_s = [observed.now_s for observed, _ in found]
    values = [
        min(shape(observed, Shape.EYE_BLINK_LEFT), shape(observed, Shape.EYE_BLINK_RIGHT)) for observed, _ in found
    ]
    yield plot.axes("eyeBlink, the less shut eye", 1, (0, 1))
    yield plot.level(eye_blinks.SHUT_FROM, f"from {eye_blinks.SHUT_FROM:g}")
    yield plot.level(eye_blinks.PERCLOS_SHUT, f"PERCLOS {eye_blinks.PERCLOS_SHUT:g}")
    yield plot.level(eye_blinks.SHUT_UNTIL, f"until {eye_blinks.SHUT_UNTIL:g}", below=True)
    yield plot.curve(times_s, values, "b")
    for time_s, value in zip(times_s, values, strict=True):
        if eyes.update(value, time_s, 1 / FPS):
            yield plot.event(time_s, "blink")
    yield text(*plot.at(4.9, 1.08), f"none: over {eye_blinks.BLINK_S:g} s", "tick", "middle")


def yawn(plot: Plot) -> Iterator[str]:
    """Yield a word, and then a yawn."""

    def face(time_s: float) -> Face:
        word, wide = (
            eased(time_s, at_s, 0.15) - eased(time_s, at_s + takes, 0.15) for at_s, takes in ((0.6, 0.3), (2, 3))
        )
        return seen(Grimace(jaw_deg=19 * word + 22 * wide))

    found = seen_heads(face, plot.seconds[1])
    times_s = [observed.now_s for observed, _ in found]
    yield from shown(plot, times_s, [state.yawning for _, state in found])
    yield plot.axes("jawOpen", 1, (0, 1))
    yield plot.level(drowsiness.YAWN_OPEN, f"from {drowsiness.YAWN_OPEN:g}")
    yield plot.level(drowsiness.YAWN_CLOSED, f"until {drowsiness.YAWN_CLOSED:g}", below=True)
    yield plot.curve(times_s, [shape(observed, Shape.JAW_OPEN) for observed, _ in found], "b")
    for observed, _ in found:
        for event in observed.events:
            yield plot.event(observed.now_s, str(event.data.get("name", event.type)))
            yield plot.lasted(observed.now_s, drowsiness.YAWN_S, 0.92)


def gaze(plot: Plot) -> Iterator[str]:
    """Yield somebody who looks past the screen."""
    found = seen_heads(
        lambda at_s: seen(rotation=face_turned(38 * (eased(at_s, 1, 0.4) - eased(at_s, 4, 0.4)))), plot.seconds[1]
    )
    times_s = [observed.now_s for observed, _ in found]
    yield from shown(plot, times_s, [state.gaze_off_screen for _, state in found])
    yield plot.axes("yaw of the gaze, degrees", 1, (0, 20, 40))
    yield plot.level(gaze_on_screen.SIDE_DEG, f"from {gaze_on_screen.SIDE_DEG:g}°")
    back_deg = gaze_on_screen.SIDE_DEG - gaze_on_screen.HYSTERESIS_DEG
    yield plot.level(back_deg, f"until {back_deg:g}°", below=True)
    yield plot.curve(times_s, [state.gaze_yaw_deg for _, state in found], "c")
    for (_, before), (observed, now) in pairwise(found):
        if now.gaze_off_screen != before.gaze_off_screen:
            yield plot.event(observed.now_s, "off screen" if now.gaze_off_screen else "on")
            held_s = gaze_on_screen.OFF_S if now.gaze_off_screen else gaze_on_screen.ON_S
            yield plot.lasted(observed.now_s, held_s, 43)


def shape(observed: Observation, which: Shape) -> float:
    """Return a shape of the rig's face."""
    assert observed.rig is not None
    return float(observed.rig.shapes[which])


def eased(time_s: float, begin_s: float, takes_s: float) -> float:
    """Return 0 before, 1 after, and a smooth course between."""
    return 0.5 - 0.5 * math.cos(math.pi * min(max((time_s - begin_s) / takes_s, 0.0), 1.0))


def shown(plot: Plot, times_s: list[float], are_shown: list[bool]) -> Iterator[str]:
    """Yield the times in which something is shown."""
    changes = [number for number, (before, now) in enumerate(pairwise([False, *are_shown, False])) if before != now]
    for first, last in zip(changes[::2], changes[1::2], strict=True):
        yield plot.span(times_s[first], times_s[min(last, len(times_s) - 1)])


@dataclass(frozen=True, slots=True)
class Course:
    """A posture, and the measure by which it is told."""

    title: str
    bends: dict[str, tuple[float, float, float]]
    "By which the body differs from an upright one."
    measure: Callable[[PostureAngles, PostureAngles], float]
    "Of the body, and of its best posture."
    values: tuple[float, float]
    ticks: tuple[float, ...]
    begins: float
    ends: float
    unit: str


COURSES = (
    Course(
        "neck further forward, less the trunk",
        {"neck": (45, 0, 0), "head": (-45, 0, 0)},
        lambda now, best: (now.neck_forward_deg - best.neck_forward_deg) - max(trunk_deg(now) - trunk_deg(best), 0.0),
        (-3, 25),
        (0, 10, 20),
        posture_watch.FORWARD_DEG,
        posture_watch.BACK * posture_watch.FORWARD_DEG,
        "°",
    ),
    Course(
        "trunk further forward",
        {"spine": (15, 0, 0), "chest": (15, 0, 0), "neck": (-30, 0, 0)},
        lambda now, best: trunk_deg(now) - trunk_deg(best),
        (-3, 25),
        (0, 10, 20),
        posture_watch.TRUNK_DEG,
        posture_watch.BACK * posture_watch.TRUNK_DEG,
        "°",
    ),
    Course(
        "neck's height, share of the best",
        {"left_shoulder": (0, 0, 25), "right_shoulder": (0, 0, -25)},
        lambda now, best: now.neck_height / best.neck_height,
        (0.65, 1.05),
        (0.7, 0.8, 0.9, 1),
        posture_watch.HEIGHT_SHARE,
        1 - posture_watch.BACK * (1 - posture_watch.HEIGHT_SHARE),
        "",
    ),
)


def postures() -> Iterator[str]:
    """Yield what a forward head and both forms of a slouch are measured by, with a course of each."""
    for column, (figure, course) in enumerate(zip((leaning, leaning, neck_height), COURSES, strict=True)):
        yield f'<g transform="translate({280 * column}, 0)">'
        yield from figure(course.bends)
        yield from posture_course(course, Plot((45, 270), (215, 120), (0, 20), course.values))
        yield "</g>"


def sitting(bends: dict[str, tuple[float, float, float]], share: float = 1.0, yaw_deg: float = 0.0) -> Pose:
    """Return the upper body's pose, bent by a share of what is told; arms hang."""
    arms = {"left_upper_arm": (0.0, 0.0, -75.0), "right_upper_arm": (0.0, 0.0, 75.0), "hips": (0.0, yaw_deg, 0.0)}
    bent = {name: (share * x, share * y, share * z) for name, (x, y, z) in bends.items()}
    pose = tracked(posed(**arms, **bent), hands=False).pose
    assert pose is not None
    return pose


def trunk_deg(measured: PostureAngles) -> float:
    """Return how far the trunk leans, of a body whose hips are seen."""
    assert measured.trunk_forward_deg is not None
    return measured.trunk_forward_deg


def middles(pose: Pose) -> NDArray[np.float64]:
    """Return the pixels of the middles of hips, shoulders and ears, and of the nose, (4, 2)."""
    points = np.array([pose.world[list(pair)].mean(0) for pair in (HIPS, SHOULDERS, EARS)] + [pose.world[P.NOSE]])
    return points[:, :2] * 250 + (110, 205)


def leaning(bends: dict[str, tuple[float, float, float]]) -> Iterator[str]:
    """Yield a body from its left side, with its angles, before the same one upright."""
    for share, kind in ((0.0, "limb faint"), (1.0, "limb")):
        hips, shoulders, ears, nose = middles(sitting(bends, share, 90.0))
        yield line([hips, shoulders, ears, nose], kind)
    measured = posture_angles(sitting(bends, 1.0, 90.0))
    assert measured is not None
    for (x, y), name, below in ((ears, "ears", 4), (shoulders, "shoulders", 14), (hips, "hips", 4)):
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5"/>' + text(88, y + below, name, "note", "end")
    for (x, y), name, degrees in (
        (shoulders, "neck", measured.neck_forward_deg),
        (hips, "trunk", measured.trunk_forward_deg),
    ):
        yield line([(x, y), (x, y - 75)], "level")
        yield text(x + 36, y - 6, f"{name} {round(degrees)}°")


def neck_height(bends: dict[str, tuple[float, float, float]]) -> Iterator[str]:
    """Yield shoulders and ears from the front, with the neck's height, before the same upright."""
    told = []
    for share, kind in ((0.0, "limb faint"), (1.0, "limb")):
        pose = sitting(bends, share)
        at = pose.world[:, :2] * 250 + (140, 235)
        yield line([at[P.LEFT_ELBOW], at[P.LEFT_SHOULDER], at[P.RIGHT_SHOULDER], at[P.RIGHT_ELBOW]], kind)
        measured = posture_angles(pose)
        assert measured is not None
        told.append(measured.neck_height)
    ears, shoulders = at[list(EARS)], at[list(SHOULDERS)]
    x, y = ears.mean(0)
    yield f'<circle class="head" cx="{x:.0f}" cy="{y:.0f}" r="26"/>'
    yield line([ears.mean(0), shoulders.mean(0)], "a")
    for x, y in (*ears, *shoulders):
        yield f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5"/>'
    yield text(140, 30, f"neck's height {told[0]:.2f}, then {told[1]:.2f} shoulder widths", "note", "middle")


def posture_course(course: Course, plot: Plot) -> Iterator[str]:
    """Yield the measure of somebody who sits upright, then as told, and upright again."""
    watch, times_s, courses, changes = posture_watch.PostureWatch(), [], [], []
    best: PostureAngles | None = None
    for number in range(round(10 * plot.seconds[1])):
        time_s = number / 10
        share = eased(time_s, 4, 0.6) - eased(time_s, 13, 0.6)
        if watch.update(posture_angles(sitting(course.bends, share)), time_s, 1 / 10):
            changes.append((time_s, watch.posture))
        assert watch.angles is not None
        best = best or watch.angles
        times_s.append(time_s)
        courses.append(course.measure(watch.angles, best))
    (begins_s, name), (ends_s, _) = changes
    yield plot.span(begins_s, ends_s)
    yield plot.axes(course.title, 4, course.ticks)
    yield plot.level(course.begins, f"from {course.begins:g}{course.unit}", below=course.begins < course.ends)
    yield plot.level(course.ends, f"until {course.ends:.3g}{course.unit}", below=course.ends < course.begins)
    yield plot.curve(times_s, courses, "a")
    low, high = plot.values
    place = low + (0.93 if course.ends < course.begins else 0.1) * (high - low)
    yield plot.event(begins_s, str(name).replace("_", " "))
    yield plot.lasted(begins_s, posture_watch.BAD_S, place)
    yield plot.event(ends_s, "upright")
    yield plot.lasted(ends_s, posture_watch.UPRIGHT_S, place)


FALL = moving((0.15, 80, 0.08), 3.0, 0.7)
SITTING_DOWN = moving((0.42, 20, 0.08), 3.0, 1.0)


def fall() -> Iterator[str]:
    """Yield a body that falls, and height and speed of its hips beside those of one that sits down."""
    yield from falling_body()
    height = Plot((370, 45), (195, 150), (2, 5), (0, 1))
    speed = Plot((620, 45), (205, 150), (2, 5), (-0.3, 2.2))
    yield height.axes("hips above the floor, m", 1, (0, 0.5, 1))
    yield height.level(STANDING[0], "before")
    yield height.level(STANDING[0] - falls.DROP_M, f"{falls.DROP_M:g} m lower")
    yield speed.axes("hips' way down, m/s", 1, (0, 1, 2))
    yield speed.level(falls.SPEED_M_S, f"{falls.SPEED_M_S:g} m/s")
    times_s = [number / FPS for number in range(5 * FPS + 1)]
    for course, kind in ((SITTING_DOWN, "b"), (FALL, "a")):
        later_s = times_s[2 * FPS :]
        yield height.curve(later_s, [course(time_s)[0] for time_s in later_s], kind)
        over_s = falls.SPEED_OVER_S
        yield speed.curve(later_s, [(course(at_s - over_s)[0] - course(at_s)[0]) / over_s for at_s in later_s], kind)
        watch = falls.Falls()
        for time_s in times_s:
            pose = pose_of(course(time_s), np.random.default_rng(0), 0.0)
            if watch.update(pose, SIZE_WH, time_s, 1 / FPS):
                yield height.event(time_s, "fall") + height.lasted(time_s, falls.DOWN_S, 0.1)
                yield speed.event(time_s, "fall")
    yield text(*speed.at(3.2, 1.4), "falls", "tick a", "end") + text(*speed.at(3.95, 0.7), "sits down", "tick b")


def falling_body() -> Iterator[str]:
    """Yield a body that stands, falls and lies, from the front."""
    floor_y, scale = 205, 105
    for x, time_s in ((35, 2.0), (130, 3.32), (215, 4.0)):
        now = FALL(time_s)
        world = pose_of(now, np.random.default_rng(0), 0.0).world[:, :2]
        at = world * scale + (x, floor_y - scale * now[0])
        left_hip, right_hip, left_shoulder, right_shoulder = at[[*HIPS, *SHOULDERS]]
        for hip, ankle in zip(HIPS, ANKLES, strict=True):
            yield line(at[[hip, ankle]], "limb faint")
        yield line([left_shoulder, left_hip, right_hip, right_shoulder, left_shoulder], "limb")
        head_x, head_y = 1.44 * (left_shoulder + right_shoulder) / 2 - 0.44 * (left_hip + right_hip) / 2
        yield f'<circle class="head" cx="{head_x:.0f}" cy="{head_y:.0f}" r="12"/>'
        for px, py in at[[*SHOULDERS, *HIPS, *ANKLES]]:
            yield f'<circle cx="{px:.0f}" cy="{py:.0f}" r="4"/>'
        if now == STANDING:
            for (px, py), name in ((left_shoulder, "shoulders"), (left_hip, "hips"), (at[ANKLES[0]], "ankles")):
                yield text(px + 9, py + 4, name, "tick")
    yield line([(10, floor_y), (325, floor_y)])
    for row, words in enumerate(
        (
            "down: the trunk leans",
            f"over {falls.LEAN_DEG:g}°, or the hips are",
            f"less than {falls.HIPS_ABOVE_ANKLES_M:g} m",
            "above the ankles",
        )
    ):
        yield text(205, 50 + 16 * row, words)


PICTURES: dict[str, tuple[tuple[int, int], Callable[[], Iterator[str]]]] = {
    "joint-angles": ((len(BODIES) * COLUMN_WH[0], COLUMN_WH[1]), angles),
    "head": ((840, 435), heads),
    "posture": ((840, 415), postures),
    "fall": ((840, 230), fall),
}
"""Of each its size in pixels, and what draws it."""


if __name__ == "__main__":
    main()
