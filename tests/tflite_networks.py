"""Small networks made for tests, in TensorFlow Lite's format."""

from collections.abc import Callable, Sequence

import flatbuffers
import numpy as np
from numpy.typing import NDArray

# Field and type numbers in tensorflow/compiler/mlir/lite/schema/schema.fbs
_FULLY_CONNECTED = 9
_FULLY_CONNECTED_OPTIONS = 8
_FLOAT32 = 0


def linear(weights: NDArray[np.float32], takes: Sequence[int]) -> bytes:
    """Return a network that puts out (1, m) numbers: weights, (m, n), times its n inputs, in the shape ``takes``."""
    build = flatbuffers.Builder()

    def vector(items: Sequence[int], prepend: Callable[[int], None], size: int = 4) -> int:
        build.StartVector(size, len(items), size)
        for item in reversed(items):
            prepend(item)
        return int(build.EndVector())

    def numbers(items: Sequence[int]) -> int:
        return vector(items, build.PrependInt32)

    def tables(*items: int) -> int:
        return vector(items, build.PrependUOffsetTRelative)

    def table(**fields: tuple[int, Callable[[int, int, int], None], int]) -> int:
        build.StartObject(1 + max(number for number, _, _ in fields.values()))
        for number, prepend, value in fields.values():
            prepend(number, value, 0)
        return int(build.EndObject())

    def tensor(shape: Sequence[int], buffer: int) -> int:
        name, dimensions = build.CreateString(f"tensor{buffer}{len(shape)}{shape[-1]}"), numbers(shape)
        return table(
            shape=(0, build.PrependUOffsetTRelativeSlot, dimensions),
            type=(1, build.PrependInt8Slot, _FLOAT32),
            buffer=(2, build.PrependUint32Slot, buffer),
            name=(3, build.PrependUOffsetTRelativeSlot, name),
        )

    build.StartVector(1, weights.nbytes, 16)
    build.head -= weights.nbytes
    build.Bytes[build.head : build.head + weights.nbytes] = np.ascontiguousarray(weights, "<f4").tobytes()
    data = build.EndVector()
    full = table(data=(0, build.PrependUOffsetTRelativeSlot, data))
    build.StartObject(1)
    empty = build.EndObject()
    buffers = tables(empty, full)

    tensors = tables(tensor(takes, 0), tensor(weights.shape, 1), tensor((1, len(weights)), 0))
    build.StartObject(1)
    options = build.EndObject()
    inputs, outputs = numbers((0, 1)), numbers((2,))
    operator = table(
        inputs=(1, build.PrependUOffsetTRelativeSlot, inputs),
        outputs=(2, build.PrependUOffsetTRelativeSlot, outputs),
        options_type=(3, build.PrependUint8Slot, _FULLY_CONNECTED_OPTIONS),
        options=(4, build.PrependUOffsetTRelativeSlot, options),
    )
    operators, graph_inputs, graph_outputs = tables(operator), numbers((0,)), numbers((2,))
    graph = table(
        tensors=(0, build.PrependUOffsetTRelativeSlot, tensors),
        inputs=(1, build.PrependUOffsetTRelativeSlot, graph_inputs),
        outputs=(2, build.PrependUOffsetTRelativeSlot, graph_outputs),
        operators=(3, build.PrependUOffsetTRelativeSlot, operators),
    )
    code = table(
        old=(0, build.PrependInt8Slot, _FULLY_CONNECTED),
        version=(2, build.PrependInt32Slot, 1),
        new=(3, build.PrependInt32Slot, _FULLY_CONNECTED),
    )
    codes, graphs = tables(code), tables(graph)
    model = table(
        version=(0, build.PrependUint32Slot, 3),
        codes=(1, build.PrependUOffsetTRelativeSlot, codes),
        graphs=(2, build.PrependUOffsetTRelativeSlot, graphs),
        buffers=(4, build.PrependUOffsetTRelativeSlot, buffers),
    )
    build.Finish(model, b"TFL3")
    return bytes(build.Output())
