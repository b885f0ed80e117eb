"""Readers of public sets of labelled people: COCO-WholeBody and H3WB, in the files that their projects publish."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from bench.oks import Labelled
from bench.wholebody import COUNT, HANDS, Part
from mocast.model.frame import RgbImage

ENLARGED: Final = 1.25
"""Crops are so many times as large as the person's box, as those of top-down methods are."""

_POINTS: Final = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")
"""Where COCO-WholeBody has its 133 points: x, y, v each, in the order of ``bench.wholebody``."""
_HAND_BOXES: Final = ("lefthand_box", "righthand_box")


@dataclass(frozen=True, slots=True, eq=False)
class LabelledPicture:
    """A picture and the people who are labelled in it."""

    file: Path
    people: list[Labelled]
    hand_boxes: list[dict[Part, NDArray[np.float64]]]
    "Of each of them: left, top, width, height in pixels."


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A person of H3WB."""

    file: Path
    box: NDArray[np.float64]
    "(4,) pixels: left, top, width, height."
    points_mm: NDArray[np.float64]
    "(133, 3): x to the picture's right, y down, z away from the camera."


def coco_wholebody(annotations: Path, pictures: Path, limit: int | None) -> list[LabelledPicture]:
    """Return the pictures with people of ``coco_wholebody_val_v1.0.json``, the first ``limit`` by their number.

    Ends the program where the file is not one.
    """
    content = _json(annotations)
    try:
        names = {one["id"]: one["file_name"] for one in content["images"]}
        by_picture: dict[int, list[dict[str, Any]]] = {}
        for one in content["annotations"]:
            by_picture.setdefault(one["image_id"], []).append(one)
        return [
            LabelledPicture(
                pictures / names[number],
                [_labelled(one) for one in by_picture[number]],
                [
                    {hand: np.array(one[key], float) for hand, key in zip(HANDS, _HAND_BOXES, strict=True)}
                    for one in by_picture[number]
                ],
            )
            for number in sorted(by_picture)[:limit]
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise SystemExit(f"{annotations} is not a file of COCO-WholeBody: {_reason(error)}.") from error


def _labelled(one: dict[str, Any]) -> Labelled:
    points = np.array([number for key in _POINTS for number in one[key]], float).reshape(COUNT, 3)
    box = np.array(one["bbox"], float).reshape(4)
    return Labelled(one["image_id"], points, box, float(one["area"]), bool(one["iscrowd"]))


def h3wb(annotations: Path, pictures: Path, limit: int | None) -> Iterator[Sample]:
    """Yield the samples of a file of the task RGB → 3D with truth, such as ``RGBto3D_train.json``.

    With a ``limit`` so many, spread evenly over the file. Ends the program where the file is not one.
    """
    content = _json(annotations)
    try:
        step = 1 if limit is None else max(1, len(content) // limit)
        for one in islice(content.values(), 0, None if limit is None else step * limit, step):
            box, truth = one["bbox"], one["keypoints_3d"]
            corner = np.array([box["x_min"], box["y_min"]], float)
            size_wh = np.array([box["x_max"], box["y_max"]], float) - corner
            points = np.array([[truth[str(place)][axis] for axis in "xyz"] for place in range(COUNT)], float)
            yield Sample(pictures / one["image_path"], np.array([*corner, *size_wh]), points)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise SystemExit(
            f"{annotations} is not a file of H3WB with pictures, boxes and truth in space: {_reason(error)}."
        ) from error


def read_picture(file: Path) -> RgbImage:
    """Return a picture's pixels as they lie in the file, as labels go by those. Ends the program where it cannot."""
    bgr = cv2.imread(str(file), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    if bgr is None:
        raise SystemExit(f"The picture {file} is not there or cannot be read.")
    return np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def crop(rgb: RgbImage, box: NDArray[np.float64]) -> tuple[RgbImage, NDArray[np.float64]]:
    """Return what is in a box that is ``ENLARGED``, inside the picture, and where its corner is, (2,) pixels."""
    size = np.array(rgb.shape[1::-1])
    middle, half = box[:2] + box[2:] / 2, ENLARGED * box[2:] / 2
    low = np.clip(np.floor(middle - half), 0, size - 1).astype(int)
    high = np.clip(np.ceil(middle + half), low + 1, size).astype(int)
    return np.ascontiguousarray(rgb[low[1] : high[1], low[0] : high[0]]), low.astype(float)


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_bytes())
    except (OSError, ValueError) as error:
        raise SystemExit(f"{file} cannot be read: {error}.") from error


def _reason(error: Exception) -> str:
    return f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
