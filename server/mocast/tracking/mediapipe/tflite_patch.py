"""Patches of TensorFlow Lite networks: less work and less memory for the same numbers, to the bit.

A network is a flatbuffer, a tree of tables that refer to each other by offset. It is edited in place; what grows is
appended. See https://flatbuffers.dev/internals/ and version 3 of TensorFlow Lite's schema.
"""

import struct
from collections.abc import Collection

import numpy as np

from mocast.errors import TrackingError

# Field numbers in tensorflow/compiler/mlir/lite/schema/schema.fbs
_MODEL_CODES, _MODEL_SUBGRAPHS, _MODEL_BUFFERS = 1, 2, 4
_CODE_OLD, _CODE_NEW = 0, 3
_SUBGRAPH_TENSORS, _SUBGRAPH_OUTPUTS, _SUBGRAPH_OPERATORS = 0, 2, 3
_OPERATOR_CODE, _OPERATOR_INPUTS, _OPERATOR_OUTPUTS = 0, 1, 2
_TENSOR_TYPE, _TENSOR_BUFFER = 1, 2
_BUFFER_DATA = 0

_DEQUANTIZE = 6  # a BuiltinOperator
_FLOAT32, _FLOAT16 = 0, 1  # TensorTypes
_ALIGNMENT = 16  # of a buffer's data


def keep_outputs(model: bytes, kept: Collection[int]) -> bytes:
    """Return the network with only the outputs ``kept``, by their old indices, and the operators that they need.

    TensorFlow Lite computes all outputs of a network whether they are read or not: the pose network's segmentation is a
    third of its work.
    """
    network = _Network(model)
    wanted = [network.u32(network.outputs[number]) for number in sorted(kept)]
    needed, tensors = [], set(wanted)
    for entry in reversed(network.operators):  # they are in order of execution
        operator = network.target(entry)
        if not tensors.isdisjoint(network.numbers(operator, _OPERATOR_OUTPUTS)):
            needed.append(entry)
            tensors.update(network.numbers(operator, _OPERATOR_INPUTS))
    network.shorten(network.outputs, wanted)
    network.keep_operators(needed[::-1])
    return bytes(network.buffer)


def widen_weights(model: bytes) -> bytes:
    """Return the network with its 16-bit weights as the 32-bit ones that it computes with.

    Otherwise every running copy widens them and keeps the result: as much memory again as it needs to run.
    """
    network = _Network(model)
    widened: dict[int, int] = {}  # the tensor that a DEQUANTIZE puts out → the tensor that it widens
    kept = []
    for entry in network.operators:
        operator = network.target(entry)
        if network.code(operator) == _DEQUANTIZE:
            (source,) = network.numbers(operator, _OPERATOR_INPUTS)
            (result,) = network.numbers(operator, _OPERATOR_OUTPUTS)
            if network.widen(source):
                widened[result] = source
                continue
        kept.append(entry)
    for entry in kept:
        for place in network.vector(network.target(entry), _OPERATOR_INPUTS):
            tensor = network.u32(place)
            network.put_u32(place, widened.get(tensor, tensor))
    network.keep_operators(kept)
    return bytes(network.buffer)


class _Network:
    """A flatbuffer with one subgraph. A *place* is the offset of a table, a value, or a vector's first element."""

    def __init__(self, model: bytes) -> None:
        self.buffer = bytearray(model)
        root = self.target(0)
        subgraphs = self.vector(root, _MODEL_SUBGRAPHS)
        if len(subgraphs) != 1:
            raise TrackingError(f"a network of {len(subgraphs)} subgraphs cannot be edited")
        subgraph = self.target(subgraphs[0])
        self.outputs = self.vector(subgraph, _SUBGRAPH_OUTPUTS)
        self.operators = self.vector(subgraph, _SUBGRAPH_OPERATORS)
        self._codes = [self.target(entry) for entry in self.vector(root, _MODEL_CODES)]
        self._tensors = [self.target(entry) for entry in self.vector(subgraph, _SUBGRAPH_TENSORS)]
        self._buffers = [self.target(entry) for entry in self.vector(root, _MODEL_BUFFERS)]
        self._widened: set[int] = set()

    def code(self, operator: int) -> int:
        """Return which operation an operator is: a number above 127 has moved to a wider field."""
        table = self._codes[self._value(operator, _OPERATOR_CODE, "<I")]
        return max(self._value(table, _CODE_OLD, "<b"), self._value(table, _CODE_NEW, "<i"))

    def widen(self, tensor: int) -> bool:
        """Make a constant of 16-bit floats one of 32 bits; ``False`` where the tensor is something else."""
        table = self._tensors[tensor]
        buffer = self._buffers[self._value(table, _TENSOR_BUFFER, "<I")]
        type_place, data_place = self._field(table, _TENSOR_TYPE), self._field(buffer, _BUFFER_DATA)
        if type_place is None or data_place is None:
            return False
        if buffer not in self._widened:
            if self.buffer[type_place] != _FLOAT16:
                return False
            first = self.target(data_place) + 4
            narrow = np.frombuffer(self.buffer, "<f2", self.u32(first - 4) // 2, first)
            wide = narrow.astype("<f4").tobytes()
            del narrow  # a bytearray that is looked into cannot grow
            self.buffer.extend(bytes(-(len(self.buffer) + 4) % _ALIGNMENT))
            self.put_u32(data_place, len(self.buffer) - data_place)
            self.buffer += struct.pack("<I", len(wide)) + wide
            self._widened.add(buffer)
        self.buffer[type_place] = _FLOAT32
        return True

    def keep_operators(self, entries: list[int]) -> None:
        """Take all other operators off the list."""
        moved = zip(entries, self.operators[: len(entries)], strict=True)
        # An entry is the distance from itself to its operator, so it changes as it moves.
        self.shorten(self.operators, [self.target(entry) - place for entry, place in moved])

    def shorten(self, vector: range, values: list[int]) -> None:
        """Overwrite a vector with fewer values."""
        struct.pack_into(f"<{len(values) + 1}I", self.buffer, vector.start - 4, len(values), *values)

    def numbers(self, table: int, field: int) -> list[int]:
        """Return the elements of a table's vector of numbers."""
        return [self.u32(place) for place in self.vector(table, field)]

    def vector(self, table: int, field: int) -> range:
        """Return a table's vector; empty where it has none."""
        place = self._field(table, field)
        if place is None:
            return range(0)
        first = self.target(place) + 4
        return range(first, first + 4 * self.u32(first - 4), 4)

    def target(self, place: int) -> int:
        """Return what the distance at this place points at."""
        return place + self.u32(place)

    def u32(self, place: int) -> int:
        """Return the unsigned number at a place."""
        return int.from_bytes(self.buffer[place : place + 4], "little")

    def put_u32(self, place: int, value: int) -> None:
        """Overwrite the number at a place."""
        struct.pack_into("<I", self.buffer, place, value)

    def _value(self, table: int, field: int, layout: str) -> int:
        place = self._field(table, field)
        value: int = 0 if place is None else struct.unpack_from(layout, self.buffer, place)[0]
        return value

    def _field(self, table: int, field: int) -> int | None:
        """Return where a table's field is; ``None`` where it has its default, which is not stored."""
        vtable = table - struct.unpack_from("<i", self.buffer, table)[0]
        slot = 4 + 2 * field
        if slot >= struct.unpack_from("<H", self.buffer, vtable)[0]:
            return None
        offset: int = struct.unpack_from("<H", self.buffer, vtable + slot)[0]
        return table + offset if offset else None
