"""The maker of server/mocast/rigging/face/face_model.npz: an average face, from installed pictures and a network.

Run: .venv/bin/python scripts/face_model.py

The pictures are the faces of scikit-image's ``lfw_subset`` (25 x 25 pixels each, 100 persons), the network is the mesh
network in the mediapipe package. What is stored is the mean of the meshes of those who keep their mouths shut.
"""

from pathlib import Path

import cv2
import numpy as np
import skimage
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from mocast.model.frame import Frame
from mocast.tracking.engines import EngineOptions, load_engine

TARGET = Path(__file__).parent.parent / "server/mocast/rigging/face/face_model.npz"
FACES = 100  # of the subset's 200 pictures; the others show no face
SIDE, BORDER = 250, 100  # pixels
MESH = 468  # the irises come after it
EYES_APART_M = 0.089
"""Between the outer corners of an adult's eyes: about 91 mm for men and 88 mm for women. Source: Farkas,
*Anthropometry of the Head and Face*, 1994."""
RIGHT_EYE, LEFT_EYE, UPPER_LIP, LOWER_LIP = 33, 263, 13, 14
RIGHT_EAR, LEFT_EAR, HAIRLINE, CHIN = 234, 454, 10, 152
FLIP = np.array([-1.0, 1.0, 1.0])
AVATAR = np.array([1.0, -1.0, -1.0])
"""Image space, whose x is the subject's left where they face the camera, to avatar space."""


def meshes() -> NDArray[np.float64]:
    """Return (n, 478, 3): the face of each picture in which one is found, in pixels of avatar space."""
    pictures = np.load(Path(skimage.__file__).parent / "data/lfw_subset.npy")[:FACES]
    tracker = load_engine("mediapipe", EngineOptions(threads=1)).build("face", "balanced", still=True)
    found = []
    for number, picture in enumerate(pictures):
        large = cv2.resize((picture * 255).astype(np.uint8), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
        framed = cv2.copyMakeBorder(large, BORDER, BORDER, BORDER, BORDER, cv2.BORDER_REPLICATE)
        face = tracker.track(Frame(number, 0, 0, cv2.cvtColor(framed, cv2.COLOR_GRAY2RGB))).face
        if face is not None:
            found.append(face.image * (SIDE + 2 * BORDER) * AVATAR)
    return np.stack(found)


def aligned(meshes: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the meshes turned, moved and scaled to lie over each other (generalised Procrustes analysis)."""
    mean = meshes[0]
    for _ in range(10):
        meshes = np.stack([onto(mesh, mean) for mesh in meshes])
        mean = np.median(meshes, axis=0)
    return meshes


def onto(mesh: NDArray[np.float64], target: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a mesh turned, moved and scaled onto another one.

    Source: Umeyama, "Least-squares estimation of transformation parameters between two point patterns", 1991.
    """
    centre, target_centre = mesh[:MESH].mean(axis=0), target[:MESH].mean(axis=0)
    u, s, vt = np.linalg.svd((target[:MESH] - target_centre).T @ (mesh[:MESH] - centre))
    signs = np.array([1, 1, np.sign(np.linalg.det(u @ vt))])
    scale = (s * signs).sum() / ((mesh[:MESH] - centre) ** 2).sum()
    return (mesh - centre) @ (u * signs @ vt).T * scale + target_centre


def mirror(mesh: NDArray[np.float64]) -> NDArray[np.intp]:
    """Return the index of the point nearest to each point's mirror image, (478,)."""
    centred = upright(mesh - (mesh[RIGHT_EYE] + mesh[LEFT_EYE]) / 2)
    apart = np.linalg.norm((centred * FLIP)[:, None] - centred[None], axis=2)
    mirror_of = linear_sum_assignment(apart)[1]
    assert (mirror_of[mirror_of] == np.arange(len(mesh))).all(), "the mesh's two sides do not match"
    return mirror_of


def upright(mesh: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a mesh turned until the line between its eyes is the x axis."""
    x, y, z = mesh[LEFT_EYE] - mesh[RIGHT_EYE]
    return mesh @ turn(2, np.arctan2(y, x)) @ turn(1, -np.arctan2(z, x))


def symmetric(mesh: NDArray[np.float64], mirror_of: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return a mesh made symmetric about x = 0, in metres: the origin between the ears, hairline above chin."""
    for _ in range(10):
        mesh = (mesh + onto(mesh[mirror_of] * FLIP, mesh)) / 2
        mesh = upright(mesh - (mesh[RIGHT_EYE] + mesh[LEFT_EYE]) / 2)
    mesh = (mesh + mesh[mirror_of] * FLIP) / 2
    _, y, z = mesh[HAIRLINE] - mesh[CHIN]
    mesh = mesh @ turn(0, np.arctan2(z, y))
    mesh *= EYES_APART_M / (mesh[LEFT_EYE, 0] - mesh[RIGHT_EYE, 0])
    return mesh - mesh[[RIGHT_EAR, LEFT_EAR]].mean(axis=0)


def turn(axis: int, angle: float) -> NDArray[np.float64]:
    """Return the (3, 3) rotation about x, y or z by which a row of points is multiplied from the right."""
    return cv2.Rodrigues(np.eye(3)[axis] * angle)[0]


def main() -> None:
    """Write the file."""
    faces = aligned(meshes())
    mouth = np.linalg.norm(faces[:, UPPER_LIP] - faces[:, LOWER_LIP], axis=1)
    is_shut = mouth <= np.median(mouth)
    mirror_of = mirror(faces[~is_shut].mean(axis=0))  # where the lips touch, it is hard to say which point is which
    points = symmetric(faces[is_shut].mean(axis=0), mirror_of)
    np.savez_compressed(TARGET, points=points.astype(np.float32), mirror_of=mirror_of.astype(np.uint16))
    print(f"{TARGET}: {len(points)} points, {np.round(np.ptp(points, axis=0) * 1000)} mm")


if __name__ == "__main__":
    main()
