"""A further publisher of a room as a mixer's source: some parts of its rigs."""

from collections.abc import Iterable
from dataclasses import replace

from mocast.mixing.found_channels import given_by
from mocast.model.humanoid import HumanoidBone
from mocast.model.mixed_parts import HEAD_POSE, MixedPart, channels_of
from mocast.model.rig import Rig
from mocast.model.source_pose import SourcePose


def pose_of(rig: Rig, parts: Iterable[MixedPart]) -> SourcePose:
    """Return what a rig says of these parts, as far as its camera sees them.

    The head is given as it is before the camera, not by neck and head: this camera's chest is not the one that they
    will be put on.
    """
    given = given_by(rig.found) & channels_of(parts)
    head = rig.head if given[HEAD_POSE] else None
    given[HEAD_POSE] = head is not None
    if head is not None:
        given[[HumanoidBone.NECK, HumanoidBone.HEAD]] = False
    return SourcePose(given, rig.rotations, rig.shapes, rig.expressions, rig.gaze_deg, rig.hips, head)


def restricted(pose: SourcePose, parts: Iterable[MixedPart]) -> SourcePose:
    """Return a pose of these parts alone."""
    allowed = channels_of(parts)
    return replace(pose, given=pose.given & allowed, head=pose.head if allowed[HEAD_POSE] else None)
