"""How exact tracking is on public sets of labelled people, which you download: ``python -m bench.public --help``.

    python -m bench.public coco --annotations coco_wholebody_val_v1.0.json --pictures val2017
    python -m bench.public h3wb --annotations RGBto3D_train.json --pictures Human36m

Each labelled person is cut out by the labelled box, a quarter larger, and tracked as a still picture: by our own
detector of bodies, not by the box, and one person in each crop. ``coco`` prints average precision and recall by the
set's own tool's rules, and PCK and NME of each part; ``h3wb`` mean errors in millimetres, as the set's benchmark does,
and after Procrustes analysis. See ``bench.wholebody`` for which landmark stands for which labelled point.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

import numpy as np
from numpy.typing import NDArray

from bench.engines import ENGINE_CHOICES, load, precision_in
from bench.oks import Accuracy, Found, Labelled, accuracy
from bench.public_sets import LabelledPicture, Sample, coco_wholebody, crop, h3wb, read_picture
from bench.report import OUT, Figure, save, table
from bench.wholebody import COUNT, HANDS, PARTS, PLACES, SIGMAS, Part, points_px, score, world_mm
from bench.wholebody_errors import GROUPS, NEAR, WHOLE, mpjpe_mm, pa_mpjpe_mm, size_px
from mocast.errors import TrackingError
from mocast.model.frame import Frame, RgbImage
from mocast.model.options import OfflineQuality
from mocast.model.tracked import Tracked
from mocast.tracking.engines import PrecisionSetting
from mocast.tracking.pool import TrackerPool

Track = Callable[[RgbImage], Tracked]
"""What tracks one picture that has nothing to do with the one before."""
Rows = list[list[str]]

PLACES_OF: Final[dict[str, slice]] = dict(PLACES) | {"whole body": WHOLE}


def main() -> None:
    arguments = options().parse_args()
    name, engine = load(arguments.engine, precision=arguments.precision)
    pool = TrackerPool(engine)
    failures: list[TrackingError] = []
    tracker = pool.acquire("holistic", arguments.quality, still=True, on_failure=failures.append)

    def track(rgb: RgbImage) -> Tracked:
        found = tracker.track(Frame(0, 0, time.monotonic_ns(), rgb))
        if failures:
            raise SystemExit(f"Tracking failed: {failures[0]}.")
        return found

    measure = coco_report if arguments.set == "coco" else h3wb_report
    figures, text = measure(arguments, track)
    precision = precision_in(name, engine, arguments.quality)
    pool.release(tracker)
    pool.close()
    head = f"Engine {name}, quality {arguments.quality}, precision {precision}."
    save(arguments.out, f"public_{arguments.set}", figures, f"{head}\n\n{text}", {})


def options() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("set", choices=("coco", "h3wb"))
    made.add_argument("--annotations", type=Path, required=True, help="the set's JSON file")
    made.add_argument("--pictures", type=Path, required=True, help="folder that the file's names are relative to")
    made.add_argument("--limit", type=positive, help="at most so many pictures (default: all)")
    made.add_argument("--quality", choices=get_args(OfflineQuality), default="exact", help="default: %(default)s")
    made.add_argument("--engine", choices=ENGINE_CHOICES, default="auto", help="default: %(default)s")
    made.add_argument("--precision", choices=get_args(PrecisionSetting), default="auto", help="default: %(default)s")
    made.add_argument("--out", type=Path, default=OUT, help="folder for results (default: %(default)s)")
    return made


def positive(text: str) -> int:
    if (count := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return count


def coco_report(arguments: argparse.Namespace, track: Track) -> tuple[list[Figure], str]:
    """Return the figures and the text of COCO-WholeBody."""
    pictures = coco_wholebody(arguments.annotations, arguments.pictures, arguments.limit)
    found = [people_of(picture, track) for picture in pictures]
    labelled = [person for picture in pictures for person in picture.people]
    bodies = [one for people in found for one in people if one is not None]
    asked = sum(not person.is_ignored for person in labelled)
    accuracies: dict[str, Accuracy] = {}
    rows: Rows = []
    for name, place in PLACES_OF.items():
        accuracies[name] = one = accuracy(
            [replace(body, points=body.points[place]) for body in bodies],
            [replace(person, points=person.points[place]) for person in labelled],
            SIGMAS[place],
        )
        cells = part_cells(name, pictures, found) if name in PARTS else [""] * 5
        rows.append([name.replace("_", " "), *shown(one), *cells])
    hands = [accuracies[hand] for hand in HANDS]
    both = Accuracy(*np.mean([[one.ap, one.ap50, one.ap75, one.ar] for one in hands], axis=0))
    rows.append(["hands, mean of both", *shown(both), *[""] * 5])
    near = f"PCK@{NEAR:g}"
    head = ["", "AP", "AP50", "AP75", "AR", "people", "found %", f"{near} %", "NME %, mean", "median"]
    text = f"{len(pictures)} pictures, {asked} labelled people, a body found for {len(bodies)} of them."
    figures = [
        Figure(f"COCO-WholeBody, {name}, AP", 100 * one.ap, "")
        for name, one in accuracies.items()
        if not np.isnan(one.ap)
    ]
    return figures, f"{text}\n\n{table(head, rows)}"


def people_of(picture: LabelledPicture, track: Track) -> list[Found | None]:
    """Return what is found of each labelled person, in pixels of the picture; ``None`` where no body is found."""
    rgb = read_picture(picture.file)
    return [None if person.is_ignored else person_of(rgb, person, track) for person in picture.people]


def person_of(rgb: RgbImage, person: Labelled, track: Track) -> Found | None:
    pixels, corner = crop(rgb, person.box)
    tracked = track(pixels)
    if tracked.pose is None:
        return None
    return Found(person.picture, points_px(tracked) + corner, score(tracked))


def part_cells(part: Part, pictures: list[LabelledPicture], found: list[list[Found | None]]) -> list[str]:
    """Return how many people have a part labelled whose size is known, and what is right of it."""
    shares: list[NDArray[np.float64]] = []
    for picture, people in zip(pictures, found, strict=True):
        for person, boxes, body in zip(picture.people, picture.hand_boxes, people, strict=True):
            labelled = person.labelled[PLACES[part]]
            size = size_px(person.points, part, boxes)
            if person.is_crowd or not labelled.any() or np.isnan(size):
                continue
            points = np.full((COUNT, 2), np.nan) if body is None else body.points
            apart = np.linalg.norm((points - person.points[:, :2])[PLACES[part]][labelled], axis=1)
            shares.append(apart / size)
    if not shares:
        return ["0", *[""] * 4]
    errors = np.array([one.mean() for one in shares])
    errors = errors[~np.isnan(errors)]
    right = np.concatenate([one <= NEAR for one in shares])  # what was not found is not right
    nme = [f"{100 * errors.mean():.1f}", f"{100 * np.median(errors):.1f}"] if len(errors) else ["", ""]
    return [str(len(shares)), f"{100 * len(errors) / len(shares):.1f}", f"{100 * right.mean():.1f}", *nme]


def shown(one: Accuracy) -> list[str]:
    return ["" if np.isnan(value) else f"{100 * value:.1f}" for value in (one.ap, one.ap50, one.ap75, one.ar)]


def h3wb_report(arguments: argparse.Namespace, track: Track) -> tuple[list[Figure], str]:
    """Return the figures and the text of H3WB."""
    samples = h3wb(arguments.annotations, arguments.pictures, arguments.limit)
    return summary(measured_mm(samples, track))


def measured_mm(samples: Iterable[Sample], track: Track) -> dict[str, list[list[float]]]:
    """Return the errors of each part of each sample, by group: pelvis aligned, by the own root, by Procrustes."""
    errors: dict[str, list[list[float]]] = {name: [] for name in GROUPS}
    for sample in samples:
        points = world_mm(track(crop(read_picture(sample.file), sample.box)[0]))
        for name, (by_pelvis, by_root) in GROUPS.items():
            kinds = (mpjpe_mm(points, sample.points_mm, by_pelvis), mpjpe_mm(points, sample.points_mm, by_root))
            procrustes = pa_mpjpe_mm(points, sample.points_mm, by_pelvis)
            errors[name] += [list(one) for one in zip(*kinds, procrustes, strict=True)]
    return errors


def summary(errors: dict[str, list[list[float]]]) -> tuple[list[Figure], str]:
    """Return the figures and the text of such errors; means over what was found."""
    figures: list[Figure] = []
    rows: Rows = []
    for name, values in errors.items():
        found = np.array(values).reshape(-1, 3)
        found = found[np.isfinite(found).all(axis=1)]
        means = found.mean(axis=0) if len(found) else np.full(3, np.nan)
        if len(found):
            figures.append(Figure(f"H3WB, {name}, pelvis aligned MPJPE", float(means[0]), "mm"))
        share = 100 * len(found) / max(1, len(values))
        rows.append([name, *("" if np.isnan(mean) else f"{mean:.1f}" for mean in means), f"{share:.1f}"])
    head = ["mm", "MPJPE, pelvis aligned", "by its own root (nose, wrist)", "PA-MPJPE", "found %"]
    return figures, f"{len(errors['whole body'])} samples.\n\n{table(head, rows)}"


if __name__ == "__main__":
    main()
