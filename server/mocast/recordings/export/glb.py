"""The writer of glTF 2.0 binary files (``.glb``) with nodes and animations.

Source: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html
"""

import struct
from typing import IO, Any, Final

import numpy as np
import orjson
from numpy.typing import NDArray

from mocast import __version__

_MAGIC, _VERSION = b"glTF", 2
_JSON, _BIN = b"JSON", b"BIN\0"
_FLOAT: Final = 5126
_TYPES: Final = {1: "SCALAR", 3: "VEC3", 4: "VEC4"}


class Glb:
    """A file, built piece by piece. Arrays are not copied, and kept until it is written."""

    def __init__(self) -> None:
        self._nodes: list[dict[str, Any]] = []
        self._accessors: list[dict[str, Any]] = []
        self._views: list[dict[str, Any]] = []
        self._samplers: list[dict[str, Any]] = []
        self._channels: list[dict[str, Any]] = []
        self._arrays: list[NDArray[np.float32]] = []
        self._length = 0

    def add_node(self, name: str, translation: NDArray[np.float32] | None = None, parent: int | None = None) -> int:
        """Add a node and return its index. Without a parent it is a root of the scene."""
        node: dict[str, Any] = {"name": name}
        if translation is not None:
            node["translation"] = [round(float(value), 6) for value in translation]
        self._nodes.append(node)
        number = len(self._nodes) - 1
        if parent is not None:
            self._nodes[parent].setdefault("children", []).append(number)
        return number

    def add_array(self, values: NDArray[np.float32], *, with_bounds: bool = False) -> int:
        """Add (n,), (n, 3) or (n, 4) float32 numbers and return their accessor's index.

        ``with_bounds``: with their least and greatest, which glTF demands of an animation's times.
        """
        values = np.ascontiguousarray(values, "<f4")
        width = values.shape[1] if values.ndim == 2 else 1
        self._views.append({"buffer": 0, "byteOffset": self._length, "byteLength": values.nbytes})
        accessor: dict[str, Any] = {
            "bufferView": len(self._views) - 1,
            "componentType": _FLOAT,
            "count": len(values),
            "type": _TYPES[width],
        }
        if with_bounds:
            columns = values.reshape(len(values), width)
            accessor |= {"min": columns.min(axis=0).tolist(), "max": columns.max(axis=0).tolist()}
        self._accessors.append(accessor)
        self._arrays.append(values)
        self._length += values.nbytes
        return len(self._accessors) - 1

    def animate(self, node: int, path: str, times: int, values: NDArray[np.float32]) -> None:
        """Animate a node's ``path``, ``translation`` or ``rotation``: linearly, ``values`` at accessor ``times``."""
        self._samplers.append({"input": times, "output": self.add_array(values), "interpolation": "LINEAR"})
        self._channels.append({"sampler": len(self._samplers) - 1, "target": {"node": node, "path": path}})

    def write(self, file: IO[bytes], extensions: dict[str, Any]) -> None:
        """Write the file, with root ``extensions`` by name. Raises ``OSError`` as ``file`` does."""
        children = {child for node in self._nodes for child in node.get("children", [])}
        document = {
            "asset": {"version": "2.0", "generator": f"Mocast {__version__}"},
            "extensionsUsed": list(extensions),
            "scene": 0,
            "scenes": [{"nodes": [number for number in range(len(self._nodes)) if number not in children]}],
            "nodes": self._nodes,
            "animations": [{"channels": self._channels, "samplers": self._samplers}],
            "accessors": self._accessors,
            "bufferViews": self._views,
            "buffers": [{"byteLength": self._length}],
            "extensions": extensions,
        }
        text = orjson.dumps(document)
        text += b" " * (-len(text) % 4)
        # All arrays are of 4-byte numbers, so the binary part needs no padding.
        file.write(struct.pack("<4sII", _MAGIC, _VERSION, 12 + 8 + len(text) + 8 + self._length))
        file.write(struct.pack("<I4s", len(text), _JSON) + text)
        file.write(struct.pack("<I4s", self._length, _BIN))
        for values in self._arrays:
            file.write(values.data)
