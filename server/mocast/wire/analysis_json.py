"""An analysis as one JSON text per frame, version 1 of ``docs/wire-format.md``; and an event as a JSON object."""

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from mocast.model.analysis import ANGLE_NAMES, PAIR_NAMES, Analysis, Event, JointAngles, Symmetry
from mocast.model.wrapping import wrapped

PROTOCOL: Final = "mocast.analysis.v1+json"
"""The sub-protocol's name on the data channel."""
VERSION: Final = 1

_DECIMALS: Final = 3
_ANGLE_DECIMALS: Final = 1
_HEADER: Final = frozenset({"frame", "pts", "decoded_at_ns", "analysed_at_ns", "person"})
_PARTS: Final = tuple(field.name for field in fields(Analysis) if field.name not in _HEADER)


def encode(analysis: Analysis) -> str:
    """Return the analysis's message."""
    message = {
        "type": "analysis",
        "version": VERSION,
        "frame": wrapped(analysis.frame),
        "pts": wrapped(analysis.pts),
        "person": analysis.person,
        "delay_ms": analysis.delay_ms,
        **parts(analysis),
    }
    return orjson.dumps(message).decode()


def parts(analysis: Analysis, without: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the parts of an analysis by their names, as JSON has them."""
    return {name: _plain(getattr(analysis, name)) for name in _PARTS if name not in without}


def event(event: Event) -> dict[str, Any]:
    """Return an event as JSON has it: its type, ``pts`` modulo 2³², time (ISO 8601, UTC), person and data."""
    seconds, rest_ns = divmod(event.at_ns, 1_000_000_000)
    at = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest_ns // 1000)
    return {
        "type": event.type,
        "pts": wrapped(event.pts),
        "at": at.isoformat(timespec="milliseconds"),
        "person": event.person,
        "data": _plain(event.data),
    }


def _plain(value: Any) -> Any:
    """Return a part as JSON has it: records by their fields' names, numbers rounded; ``null`` for what is unknown."""
    if isinstance(value, float):
        return round(value, _DECIMALS) if math.isfinite(value) else None
    if isinstance(value, JointAngles | Symmetry):
        return _by_name(ANGLE_NAMES if isinstance(value, JointAngles) else PAIR_NAMES, value)
    if isinstance(value, Event):
        return event(value)
    if is_dataclass(value):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _by_name(names: tuple[str, ...], arrays: JointAngles | Symmetry) -> dict[str, Any]:
    """Return for each name the values that a record of arrays has of it."""
    keys = tuple(field.name for field in fields(arrays))
    columns = [_rounded(getattr(arrays, key)) for key in keys]
    return {name: dict(zip(keys, row, strict=True)) for name, *row in zip(names, *columns, strict=True)}


def _rounded(values: NDArray[Any]) -> list[Any]:
    """Return (n,) values, ``None`` in place of NaN."""
    if values.dtype == bool:
        return list(values.tolist())
    rounded = np.round(values.astype(np.float64), _ANGLE_DECIMALS).tolist()
    return [value if math.isfinite(value) else None for value in rounded]
