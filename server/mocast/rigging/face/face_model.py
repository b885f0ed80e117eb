"""The average face: 478 reference landmarks. Made by ``scripts/face_model.py``."""

from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray


@cache
def _arrays() -> dict[str, NDArray[np.generic]]:
    with (files(__package__) / "face_model.npz").open("rb") as file, np.load(file) as arrays:
        return {name: arrays[name] for name in arrays.files}


@cache
def points() -> NDArray[np.float64]:
    """Return the (478, 3) float64 landmarks of the average face, irises included: metres, head space (``head_pose``).

    Its mouth is shut and it looks straight ahead; the hairline is right above the chin.
    """
    points = _arrays()["points"].astype(np.float64)
    points.flags.writeable = False
    return points


@cache
def mirror_of() -> NDArray[np.intp]:
    """Return for each landmark the index of the one on the other side of the face, (478,); its own for middle ones."""
    return _arrays()["mirror_of"].astype(np.intp)
