"""Compares face shapes with what faces do: ``python -m bench.face_truth [CLIP ...]``.

The faces are real pictures that are warped by known amounts (``bench.face_portraits``): the astronaut's, and one of
each clip. Each rests for four seconds, so that what is learnt of it settles, then does one thing for half a second.
Prints a Markdown table of what geometry, the network and both together make of it: the faces' means, at rest and then.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from skimage.data import astronaut
from tests.faces import Grimace

from bench.clips import rgb_pictures
from bench.face_portraits import SIZE_WH, Portrait, zoomed
from bench.report import table
from mocast.model.blendshapes import SHAPE_NAMES, Shape
from mocast.model.frame import Frame, RgbImage
from mocast.model.tracked import Face
from mocast.rigging.face.face_solver import FaceSolver
from mocast.rigging.face.network_shapes import FaceShaper
from mocast.tracking.engines import AUTO, choose_engine
from mocast.tracking.face_task import choose_face_shapes

FPS = 30
REST_FRAMES, MOVE_FRAMES = 120, 15
PICTURE = 150
"""Of a clip, the number of the picture whose face is used."""


def both(value: float) -> dict[str, float]:
    return {"left": value, "right": value}


def corners(out_mm: float, up_mm: float) -> Grimace:
    return Grimace(corners={"left": (out_mm, up_mm), "right": (out_mm, up_mm)})


MOVES: list[tuple[str, Grimace, Shape]] = [
    *((f"jaw opened by {deg}°", Grimace(jaw_deg=deg), Shape.JAW_OPEN) for deg in (5, 10, 15, 25)),
    *((f"corners {mm} mm out and up", corners(0.7 * mm, 0.7 * mm), Shape.MOUTH_SMILE_LEFT) for mm in (4, 6, 10)),
    ("left corner alone 8 mm out and up", Grimace(corners={"left": (5.7, 5.7)}), Shape.MOUTH_SMILE_LEFT),
    ("left corner alone 8 mm out and up", Grimace(corners={"left": (5.7, 5.7)}), Shape.MOUTH_SMILE_RIGHT),
    *((f"corners {mm} mm down", corners(0, -mm), Shape.MOUTH_FROWN_LEFT) for mm in (4, 8)),
    *((f"corners {mm} mm in", corners(-mm, 0), Shape.MOUTH_PUCKER) for mm in (4, 8)),
    *((f"corners {mm} mm out", corners(mm, -1), Shape.MOUTH_STRETCH_LEFT) for mm in (6, 10)),
    *((f"brows {mm} mm up", Grimace(brows_up=both(mm)), Shape.BROW_OUTER_UP_LEFT) for mm in (4, 8)),
    *((f"brows {mm} mm down", Grimace(brows_up=both(-mm)), Shape.BROW_DOWN_LEFT) for mm in (2, 4)),
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", type=Path, nargs="*")
    pictures = [astronaut(), *(rgb_pictures(clip, PICTURE + 1)[PICTURE] for clip in parser.parse_args().clips)]
    engine = choose_engine(AUTO)
    network = choose_face_shapes(engine[0], "network", None)
    if network is None:
        raise SystemExit("the network is not installed")
    tracker = engine[1].build("face", "exact", still=True)
    holistic = engine[1].build("holistic", "exact", still=True)

    def face_of(rgb: RgbImage, *, by_body: bool = False) -> Face:
        face = (holistic if by_body else tracker).track(Frame(0, 0, 0, rgb)).face
        if face is None:
            raise SystemExit("no face is found in a picture")
        return face

    portraits = []
    for rgb in pictures:
        size_wh = np.array(rgb.shape[1::-1])
        large = zoomed(rgb, face_of(rgb, by_body=True).image[:, :2] * size_wh)
        portraits.append(Portrait(large, face_of(large).image[:, :2] * np.array(SIZE_WH)))
    rests = [face_of(portrait.doing(Grimace())) for portrait in portraits]
    rows = []
    for name, grimace, shape in MOVES:
        moved = [face_of(portrait.doing(grimace)) for portrait in portraits]
        found = np.stack([made(rest, face, network)[:, :, shape] for rest, face in zip(rests, moved, strict=True)])
        rows.append([name, f"`{SHAPE_NAMES[shape]}`", *cells(found)])
    print(table(["what the faces do", "shape", "geometry", "network", "together", "each face, together"], rows))


def made(rest: Face, moved: Face, network: FaceShaper) -> NDArray[np.float64]:
    """Return (3, 2, 52): by geometry, by the network as it is and by both, the shapes at rest and then."""
    alone = np.stack([network.shape(face, SIZE_WH).astype(np.float64) for face in (rest, moved)])
    return np.stack([solved(rest, moved, None), alone, solved(rest, moved, network)])


def solved(rest: Face, moved: Face, network: FaceShaper | None) -> NDArray[np.float64]:
    """Return the last shapes at rest, and the last of the motion, (2, 52)."""
    solver = FaceSolver("responsive", network)
    shapes = [
        solver.solve(rest if number < REST_FRAMES else moved, SIZE_WH, number / FPS).shapes
        for number in range(REST_FRAMES + MOVE_FRAMES)
    ]
    return np.stack([shapes[REST_FRAMES - 1], shapes[-1]]).astype(np.float64)


def cells(found: NDArray[np.float64]) -> Iterator[str]:
    """Yield the means over the faces of each measurement, at rest → then; then each face's, together."""
    for rest, then in found.mean(axis=0):
        yield f"{rest:.2f} → {then:.2f}"
    yield ", ".join(f"{then:.2f}" for then in found[:, 2, 1])


if __name__ == "__main__":
    main()
