"""Writes src/figure/faceMesh.json from the server's own face topology, so that page and server draw the same lines.

Run from the repository's root: ``PYTHONPATH=server python web/scripts/make_face_mesh.py``
"""

import json
from itertools import combinations
from pathlib import Path

from mocast.model.topology import Bones, face_bones

OUT = Path(__file__).parents[1] / "src" / "figure" / "faceMesh.json"


def triangles(edges: Bones) -> list[tuple[int, int, int]]:
    """Every three landmarks of which each two are joined; (n, 2) edges in, sorted corners out, in no winding order."""
    neighbours: dict[int, set[int]] = {}
    for a, b in edges.tolist():
        neighbours.setdefault(a, set()).add(b)
        neighbours.setdefault(b, set()).add(a)
    return sorted(
        (a, b, c)
        for a, near in neighbours.items()
        for b, c in combinations(sorted(near), 2)
        if a < b and c in neighbours[b]
    )


def main() -> None:
    """Write the file."""
    bones = face_bones()
    lines = {name: edges.ravel().tolist() for name, edges in bones.items() if name != "tesselation"}
    corners = [corner for triangle in triangles(bones["tesselation"]) for corner in triangle]
    OUT.write_text(json.dumps({"triangles": corners, "lines": lines}, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
