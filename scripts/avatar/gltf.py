"""The writer of glTF 2.0 in one binary file: core features, and VRM's extensions as given.

Format: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

import json
import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

Json = dict[str, Any]

ARRAY_BUFFER, ELEMENT_ARRAY_BUFFER = 34962, 34963
COMPONENTS = {"f4": 5126, "u1": 5121, "u2": 5123, "u4": 5125}
KINDS = {(): "SCALAR", (2,): "VEC2", (3,): "VEC3", (4,): "VEC4", (4, 4): "MAT4"}


class Document:
    """A file that is being built; ``json`` is glTF's tree, which the caller fills."""

    def __init__(self, generator: str) -> None:
        self.json: Json = {"asset": {"version": "2.0", "generator": generator}, "bufferViews": [], "accessors": []}
        self._bytes = bytearray()

    def view(self, data: bytes, target: int | None = None) -> int:
        """Append bytes and return the number of their view."""
        self._bytes.extend(b"\0" * (-len(self._bytes) % 4))
        view: Json = {"buffer": 0, "byteOffset": len(self._bytes), "byteLength": len(data)}
        if target is not None:
            view["target"] = target
        self._bytes.extend(data)
        self.json["bufferViews"].append(view)
        return len(self.json["bufferViews"]) - 1

    def accessor(
        self, values: NDArray[np.generic], target: int | None = None, *, bounds: bool = False, normalised: bool = False
    ) -> int:
        """Append an array, little-endian, and return the number of its accessor; ``bounds`` notes least and most."""
        values = np.ascontiguousarray(values)
        accessor = self._described(values)
        accessor["bufferView"] = self.view(values.astype(values.dtype.newbyteorder("<")).tobytes(), target)
        if bounds:
            accessor.update(_bounds(values))
        if normalised:
            accessor["normalized"] = True
        return self._appended(accessor)

    def sparse(self, values: NDArray[np.float32]) -> int:
        """Append an array (n, 3) that is mostly 0 by its other rows alone, and return its accessor's number."""
        rows = np.flatnonzero(np.abs(values).max(axis=1) > 0)
        accessor = {**self._described(values), **_bounds(values)}
        if len(rows):
            accessor["sparse"] = {
                "count": len(rows),
                "indices": {"bufferView": self.view(rows.astype("<u2").tobytes()), "componentType": COMPONENTS["u2"]},
                "values": {"bufferView": self.view(values[rows].astype("<f4").tobytes())},
            }
        return self._appended(accessor)

    def _described(self, values: NDArray[np.generic]) -> Json:
        return {
            "componentType": COMPONENTS[values.dtype.str[1:]],
            "count": len(values),
            "type": KINDS[values.shape[1:]],
        }

    def _appended(self, accessor: Json) -> int:
        self.json["accessors"].append(accessor)
        return len(self.json["accessors"]) - 1

    def to_bytes(self) -> bytes:
        """Return the file: a header, the JSON and the bytes."""
        binary = bytes(self._bytes) + b"\0" * (-len(self._bytes) % 4)
        tree = {**self.json, "buffers": [{"byteLength": len(binary)}]}
        text = json.dumps(tree, separators=(",", ":"), ensure_ascii=True).encode()
        text += b" " * (-len(text) % 4)
        total = 12 + 8 + len(text) + 8 + len(binary)
        return b"".join(
            (
                struct.pack("<4sII", b"glTF", 2, total),
                struct.pack("<I4s", len(text), b"JSON"),
                text,
                struct.pack("<I4s", len(binary), b"BIN\0"),
                binary,
            )
        )


def _bounds(values: NDArray[np.generic]) -> Json:
    floats = values.astype(float)
    return {"min": np.atleast_1d(floats.min(axis=0)).tolist(), "max": np.atleast_1d(floats.max(axis=0)).tolist()}
