"""The VMC protocol, read: bones and blend shapes of a performer → poses.

Source: https://protocol.vmc.info/specification. Spaces: Unity's → avatar space, which is the way back of
``mocast.outputs.vmc``. A frame is spread over bundles; it is whole with ``/VMC/Ext/OK``, or, of senders that leave that
out, when a bone comes again.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from mocast.inputs.osc_messages import Argument, messages
from mocast.model.blendshapes import EXPRESSION_NAMES, SHAPE_NAMES, Expression
from mocast.model.humanoid import BONE_COUNT, REST_POSITIONS, HumanoidBone
from mocast.model.mixed_parts import EXPRESSIONS_AT, GAZE, HIPS, SHAPES_AT
from mocast.model.quaternions import IDENTITY_ONE, Quaternion, Vector, multiply_one, rotate_one
from mocast.model.source_pose import NOTHING, SourcePose, source_pose
from mocast.outputs.ifacialmocap import NAMES as SHORT_NAMES
from mocast.outputs.vmc import VRM0_NAMES, unity_name
from mocast.wire.pose_json import MOST_M, bounded, unit_quaternion, weight

KEPT_S: Final = 0.5
"""A bone or blend shape that has not come for so long is not sent any more."""
STANDS_S: Final = 1.0
"""From the first frame on the person is taken to stand: the hips' greatest height meanwhile is the model's own."""
SCALES: Final = (0.5, 2.0)
"""Least and greatest factor from the height of a model's hips to that of ours."""

_HIPS_REST_M: Final = float(REST_POSITIONS[HumanoidBone.HIPS, 1])
_BONES: Final = {unity_name(bone).lower(): bone for bone in HumanoidBone}


def _plain(name: str) -> str:
    """``Blink_L`` → ``blinkl``: senders do not agree on how names are written."""
    return name.replace("_", "").lower()


def _channels() -> dict[str, tuple[int, ...]]:
    """Return the channels of each blend shape's plain name: VRM 0's, VRM 1's and ARKit's."""
    found: dict[str, tuple[int, ...]] = {
        "blink": (EXPRESSIONS_AT + Expression.BLINK_LEFT, EXPRESSIONS_AT + Expression.BLINK_RIGHT)
    }
    for names in (VRM0_NAMES, EXPRESSION_NAMES):
        found |= {_plain(name): (EXPRESSIONS_AT + index,) for index, name in enumerate(names)}
    for names in (SHAPE_NAMES, SHORT_NAMES):
        found |= {_plain(name): (SHAPES_AT + index,) for index, name in enumerate(names)}
    return found


_CHANNELS: Final = _channels()


class VmcParser:
    """Reads the datagrams of one performer."""

    def __init__(self) -> None:
        self._rotations: dict[int, Quaternion] = {}
        self._hips: Vector = (0.0, 0.0, 0.0)
        self._root: tuple[Vector, Quaternion] = ((0.0, 0.0, 0.0), IDENTITY_ONE)
        self._weights: dict[int, float] = {}
        self._came_s: dict[int, float] = {}
        "By channel: when it came last."
        self._frame: set[int] = set()
        "Bones that came since the last frame."
        self._ok_at_s = float("-inf")
        "When ``/VMC/Ext/OK`` came last."
        self._began_s: float | None = None
        self._standing_m = 0.0

    def parse(self, data: bytes, now_s: float) -> SourcePose | None:
        """Return the pose that a datagram completes, or ``None``. Raises ``ValueError`` where it is broken."""
        pose = None
        for address, arguments in messages(data):
            take = _TAKERS.get(address)
            if take is None:
                continue
            try:
                pose = take(self, arguments, now_s) or pose
            except (TypeError, IndexError, OverflowError) as error:
                raise ValueError(f"{address} has other arguments") from error
        return pose

    def _take_root(self, arguments: Sequence[Argument], now_s: float) -> None:
        _, *numbers = arguments
        self._root = (_position(numbers), _rotation(numbers))

    def _take_bone(self, arguments: Sequence[Argument], now_s: float) -> SourcePose | None:
        name, *numbers = arguments
        bone = _BONES.get(str(name).lower())
        if bone is None:
            return None
        whole = self._whole(now_s) if bone in self._frame and not self._sends_ok(now_s) else None
        self._rotations[bone] = _rotation(numbers)
        if bone is HumanoidBone.HIPS:
            self._hips = _position(numbers)
            self._came_s[HIPS] = now_s
        self._came_s[bone] = now_s
        self._frame.add(bone)
        return whole

    def _take_blend(self, arguments: Sequence[Argument], now_s: float) -> None:
        name, value = arguments
        for channel in _CHANNELS.get(_plain(str(name)), ()):
            self._weights[channel] = weight(value)  # type: ignore[arg-type]
            self._came_s[channel] = now_s

    def _take_ok(self, arguments: Sequence[Argument], now_s: float) -> SourcePose | None:
        """``loaded`` alone, or with the state of the calibration, its mode and whether anybody is tracked."""
        self._ok_at_s = now_s
        is_tracked = len(arguments) < 4 or arguments[3] != 0
        return self._whole(now_s) if arguments[0] != 0 and is_tracked else NOTHING

    def _take_apply(self, _: Sequence[Argument], now_s: float) -> SourcePose | None:
        """The blend shapes are whole; of a sender of nothing else, so is the frame."""
        sends_bones = any(channel < BONE_COUNT for channel in self._came_s)
        return None if self._sends_ok(now_s) or sends_bones else self._whole(now_s)

    def _sends_ok(self, now_s: float) -> bool:
        return now_s - self._ok_at_s <= KEPT_S

    def _whole(self, now_s: float) -> SourcePose:
        self._frame.clear()
        self._came_s = {channel: came_s for channel, came_s in self._came_s.items() if now_s - came_s <= KEPT_S}
        kept = self._came_s
        rotations = {bone: turn for bone, turn in self._rotations.items() if bone in kept}
        position, turn = self._root
        if HumanoidBone.HIPS in rotations:
            rotations[HumanoidBone.HIPS] = multiply_one(turn, rotations[HumanoidBone.HIPS])
        weights = {channel: value for channel, value in self._weights.items() if channel in kept}
        return source_pose(
            rotations=rotations,
            shapes={channel - SHAPES_AT: value for channel, value in weights.items() if channel < EXPRESSIONS_AT},
            expressions={
                channel - EXPRESSIONS_AT: value
                for channel, value in weights.items()
                if EXPRESSIONS_AT <= channel < GAZE
            },
            hips=self._hips_in_room(position, turn, now_s) if HIPS in kept else None,
        )

    def _hips_in_room(self, root: Vector, turn: Quaternion, now_s: float) -> Vector:
        """Return where the hips are, for a skeleton of ``REST_POSITIONS``."""
        x, y, z = (sum(pair) for pair in zip(root, rotate_one(turn, self._hips), strict=True))
        self._began_s = now_s if self._began_s is None else self._began_s
        if now_s - self._began_s <= STANDS_S:
            self._standing_m = max(self._standing_m, y)
        least, most = SCALES
        scale = min(max(_HIPS_REST_M / max(self._standing_m, 1e-3), least), most)
        return x * scale, y * scale, z * scale


_TAKERS: Final[Mapping[str, Callable[[VmcParser, Sequence[Argument], float], SourcePose | None]]] = {
    "/VMC/Ext/Root/Pos": VmcParser._take_root,
    "/VMC/Ext/Bone/Pos": VmcParser._take_bone,
    "/VMC/Ext/Blend/Val": VmcParser._take_blend,
    "/VMC/Ext/Blend/Apply": VmcParser._take_apply,
    "/VMC/Ext/OK": VmcParser._take_ok,
}


def _position(numbers: Sequence[Argument]) -> Vector:
    """Return a position in avatar space. Raises ``ValueError`` and ``TypeError``."""
    x, y, z = (bounded(number, MOST_M) for number in numbers[:3])  # type: ignore[arg-type]
    return -x, y, z


def _rotation(numbers: Sequence[Argument]) -> Quaternion:
    """Return a rotation in avatar space. Raises ``ValueError`` and ``TypeError``."""
    x, y, z, w = unit_quaternion(numbers[3:7])  # type: ignore[arg-type]
    return x, -y, -z, w
