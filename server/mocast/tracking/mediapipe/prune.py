"""Cuts outputs that nobody reads out of a TensorFlow Lite network, with the operations that only they need.

The pose network computes a mask of the body, 256x256, that Mocast does not use and that is a third of its work.
TensorFlow Lite runs every operation of a model whether its result is asked for or not, so they are taken off the list.
Nothing else changes: the file is edited in place, in memory, and what is left computes what it did before.

Format: https://flatbuffers.dev/internals/ and the schema of TensorFlow Lite, version 3.
"""

import struct
from collections.abc import Collection

from mocast.errors import TrackingError

# Field numbers in tensorflow/compiler/mlir/lite/schema/schema.fbs
_MODEL_SUBGRAPHS = 2
_SUBGRAPH_OUTPUTS, _SUBGRAPH_OPERATORS = 2, 3
_OPERATOR_INPUTS, _OPERATOR_OUTPUTS = 1, 2


def keep_outputs(model: bytes, kept: Collection[int]) -> bytes:
    """Return the network with only those of its outputs, in their old order, given by their places in the old list.

    Raises ``TrackingError`` where the model is not one that this can edit.
    """
    buffer = bytearray(model)
    try:
        subgraphs = _vector(buffer, _u32(buffer, 0), _MODEL_SUBGRAPHS)
        if len(subgraphs) != 1:
            raise TrackingError(f"a network with {len(subgraphs)} subgraphs cannot be pruned")
        subgraph = _target(buffer, subgraphs[0])
        outputs = _vector(buffer, subgraph, _SUBGRAPH_OUTPUTS)
        operators = _vector(buffer, subgraph, _SUBGRAPH_OPERATORS)
        wanted = [outputs[place] for place in sorted(kept)]
        needed = _needed(buffer, operators, {_u32(buffer, place) for place in wanted})
        _shorten(buffer, outputs, [_u32(buffer, place) for place in wanted])
        # An entry is the distance from itself to its operator, so it changes as it moves.
        moved = zip(needed, operators[: len(needed)], strict=True)
        _shorten(buffer, operators, [_target(buffer, entry) - place for entry, place in moved])
    except (struct.error, IndexError) as error:
        raise TrackingError(f"a network cannot be read: {error}") from error
    return bytes(buffer)


def _needed(buffer: bytearray, operators: range, tensors: set[int]) -> list[int]:
    """Return the entries of the operators that these tensors depend on, in order. Extends ``tensors``."""
    needed = []
    for entry in reversed(operators):  # the list is in order of execution
        operator = _target(buffer, entry)
        if tensors.isdisjoint(_numbers(buffer, operator, _OPERATOR_OUTPUTS)):
            continue
        needed.append(entry)
        tensors.update(_numbers(buffer, operator, _OPERATOR_INPUTS))
    return needed[::-1]


def _shorten(buffer: bytearray, vector: range, values: list[int]) -> None:
    """Overwrite a vector of 32-bit values with fewer."""
    struct.pack_into(f"<{len(values) + 1}I", buffer, vector.start - 4, len(values), *values)


def _numbers(buffer: bytearray, table: int, field: int) -> list[int]:
    return [_u32(buffer, place) for place in _vector(buffer, table, field)]


def _vector(buffer: bytearray, table: int, field: int) -> range:
    """Return the places of the 32-bit elements of a table's vector; empty where it has none."""
    (to_vtable,) = struct.unpack_from("<i", buffer, table)
    vtable = table - to_vtable
    size, *_ = struct.unpack_from("<H", buffer, vtable)
    slot = 4 + 2 * field
    (offset,) = struct.unpack_from("<H", buffer, vtable + slot) if slot < size else (0,)
    if offset == 0:
        return range(0)
    first = _target(buffer, table + offset) + 4
    return range(first, first + 4 * _u32(buffer, first - 4), 4)


def _target(buffer: bytearray, place: int) -> int:
    return place + _u32(buffer, place)


def _u32(buffer: bytearray, place: int) -> int:
    value: int
    (value,) = struct.unpack_from("<I", buffer, place)
    return value
