"""Average precision and recall of keypoints by object keypoint similarity, as COCO defines them.

Source: https://cocodataset.org/#keypoints-eval, and for parts of a whole body https://github.com/jin-s13/xtcocoapi.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

THRESHOLDS: Final = np.linspace(0.5, 0.95, 10)
"""Similarities from which a person counts as found; precision and recall are averaged over them."""
RECALLS: Final = np.linspace(0, 1, 101)
MOST_FOUND: Final = 20
"""People of a picture that count, the surest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Labelled:
    """A person that somebody labelled."""

    picture: int
    points: NDArray[np.float64]
    "(n, 3): x and y in pixels, and whether the point is labelled (> 0)."
    box: NDArray[np.float64]
    "(4,) pixels: left, top, width, height."
    area: float
    "Square pixels of the person's outline."
    is_crowd: bool = False

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Which points are labelled, (n,)."""
        return self.points[:, 2] > 0

    @property
    def is_ignored(self) -> bool:
        """Whether it is neither to be found nor wrong to find it."""
        return self.is_crowd or not self.labelled.any()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A person that was found."""

    picture: int
    points: NDArray[np.float64]
    "(n, 2) pixels; NaN for a point that was not found."
    score: float


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Average precision and recall, 0..1; NaN where nobody is labelled."""

    ap: float
    ap50: float
    ap75: float
    ar: float


def similarity(found: Found, labelled: Labelled, sigmas: NDArray[np.float64]) -> float:
    """Return the object keypoint similarity, 0..1. A point that was not found adds nothing.

    Where no point is labelled, distances are those to the person's box, doubled in all directions.
    """
    across = found.points - labelled.points[:, :2]
    counts = labelled.labelled
    if not counts.any():
        low, size = labelled.box[:2], labelled.box[2:]
        across = np.maximum(0, low - size - found.points) + np.maximum(0, found.points - low - 2 * size)
        counts = np.ones(len(across), bool)
    squares = np.nan_to_num((across**2).sum(axis=1), nan=np.inf)
    exponents = squares / (2 * sigmas) ** 2 / (labelled.area + np.spacing(1)) / 2
    return float(np.exp(-exponents[counts]).mean())


def accuracy(found: Sequence[Found], labelled: Sequence[Labelled], sigmas: NDArray[np.float64]) -> Accuracy:
    """Return how precisely these people were found. ``sigmas``: (n,), of the points."""
    wanted = sum(not one.is_ignored for one in labelled)
    if not wanted:
        return Accuracy(*[float("nan")] * 4)
    found = [one for one in found if not np.isnan(one.points).all()]
    scores, hits, ignored = matched(found, labelled, sigmas)
    order = np.argsort(-scores, kind="stable")
    hits, ignored = hits[:, order], ignored[:, order]
    precisions, recalls = np.zeros(len(THRESHOLDS)), np.zeros(len(THRESHOLDS))
    for number, (hit, ignore) in enumerate(zip(hits, ignored, strict=True)):
        right, wrong = np.cumsum(hit & ~ignore), np.cumsum(~hit & ~ignore)
        recall = right / wanted
        envelope = np.maximum.accumulate((right / (right + wrong + np.spacing(1)))[::-1])[::-1]
        precisions[number] = np.append(envelope, 0)[np.searchsorted(recall, RECALLS)].mean()
        recalls[number] = recall[-1] if len(recall) else 0
    return Accuracy(float(precisions.mean()), float(precisions[0]), float(precisions[5]), float(recalls.mean()))


def matched(
    found: Sequence[Found], labelled: Sequence[Labelled], sigmas: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the scores of those that were found (m,), and by threshold who is somebody labelled, and who is ignored.

    The last two are (10, m). Within a picture the surest chooses first.
    """
    scores: list[float] = []
    hits, ignored = [np.zeros((len(THRESHOLDS), 0), bool)], [np.zeros((len(THRESHOLDS), 0), bool)]
    for picture in dict.fromkeys(one.picture for one in found):
        mine = sorted((one for one in found if one.picture == picture), key=lambda one: -one.score)[:MOST_FOUND]
        theirs = sorted((one for one in labelled if one.picture == picture), key=lambda one: one.is_ignored)
        alike = np.array([[similarity(one, other, sigmas) for other in theirs] for one in mine]).reshape(len(mine), -1)
        chosen = [pairs(alike, theirs, threshold) for threshold in THRESHOLDS]
        hits.append(np.array([[place is not None for place in places] for places in chosen], bool))
        ignored.append(
            np.array([[place is not None and theirs[place].is_ignored for place in places] for places in chosen], bool)
        )
        scores += [one.score for one in mine]
    return np.array(scores), np.concatenate(hits, axis=1), np.concatenate(ignored, axis=1)


def pairs(alike: NDArray[np.float64], labelled: Sequence[Labelled], threshold: float) -> list[int | None]:
    """Return for each that was found which labelled one it is, if any. Those to be ignored are the last of them."""
    taken: set[int] = set()
    places: list[int | None] = []
    for row in alike:
        best, place = min(threshold, 1 - 1e-10), None
        for number, one in enumerate(labelled):
            if number in taken and not one.is_crowd:
                continue
            if place is not None and one.is_ignored and not labelled[place].is_ignored:
                break
            if row[number] >= best:
                best, place = float(row[number]), number
        if place is not None:
            taken.add(place)
        places.append(place)
    return places
