"""Seams between segments: two tracks of the same frames, faded into one another."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any, TypeVar

import numpy as np

from mocast.jobs.spool import SpooledFrame
from mocast.model.tracked import PARTS, Face, Hand, Pose, Tracked

Part = TypeVar("Part", Pose, Face, Hand)


def faded(tail: Sequence[SpooledFrame], lead_in: Sequence[SpooledFrame]) -> list[SpooledFrame]:
    """Return a segment's last frames, which go over step by step to how the next one tracked the same frames.

    Frames that only one of both has are left as they are.
    """
    others = {frame.source_pts: frame.tracked for frame in lead_in}
    shared = [frame for frame in tail if frame.source_pts in others]
    steps = {frame.source_pts: (step + 1) / (len(shared) + 1) for step, frame in enumerate(shared)}
    return [
        replace(frame, tracked=_mixed(frame.tracked, others[frame.source_pts], steps[frame.source_pts]))
        if frame.source_pts in steps
        else frame
        for frame in tail
    ]


def _mixed(before: Tracked, after: Tracked, share: float) -> Tracked:
    """Return what lies between two records of the same frame; ``share``, 0..1, is that of ``after``."""
    mixed: dict[str, Any] = {name: _mixed_part(getattr(before, name), getattr(after, name), share) for name in PARTS}
    return replace(before, **mixed)


def _mixed_part(before: Part | None, after: Part | None, share: float) -> Part | None:
    if before is None or after is None:  # found by one of both: there until the middle, or from there on
        return before if share < 0.5 else after
    values: dict[str, Any] = {}
    for field in fields(before):
        old, new = getattr(before, field.name), getattr(after, field.name)
        mixed = old + (new - old) * share
        values[field.name] = mixed.astype(np.float32) if isinstance(mixed, np.ndarray) else mixed
    return replace(before, **values)
