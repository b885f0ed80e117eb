"""The bench of public sets, on made files whose figures are worked out by hand."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from bench import public
from bench.public_sets import coco_wholebody, crop, h3wb, read_picture
from bench.wholebody import PLACES, points_px, world_mm

from mocast.errors import TrackingError
from mocast.model.frame import Frame, RgbImage
from mocast.model.tracked import Hand, Pose, Tracked

SIZE_WH = (80, 100)
BOX_XYWH = [20, 20, 40, 40]
CORNER = (15, 15)
"""Of the box, made a quarter larger."""
CROP_WH = (50, 50)


def tracked() -> Tracked:
    """A body and a left hand, in a crop."""
    places = np.random.default_rng(1).uniform(0.2, 0.8, (33, 3)).astype(np.float32)
    pose = Pose(places, places - 0.5, np.full(33, 0.9, np.float32))
    fingers = np.random.default_rng(2).uniform(0.4, 0.6, (21, 3)).astype(np.float32)
    return Tracked(0, 0, 0, CROP_WH, pose=pose, left_hand=Hand(fingers, fingers / 5, 1.0))


class MadeTracker:
    def __init__(self, fails: bool) -> None:
        self.fails = fails

    def track(self, frame: Frame) -> Tracked:
        if self.fails:
            raise TrackingError("out of memory")
        assert frame.size_wh == CROP_WH
        return tracked()

    def close(self) -> None: ...


class MadeEngine:
    """An engine that finds the same person in each picture."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails

    def build(self, tracker: str, quality: str, *, still: bool, **more: Any) -> MadeTracker:
        assert (tracker, quality, still) == ("holistic", "exact", True)
        return MadeTracker(self.fails)

    def close(self) -> None: ...


def picture(folder: Path, name: str = "1.png") -> None:
    cv2.imwrite(str(folder / name), np.full((SIZE_WH[1], SIZE_WH[0], 3), 7, np.uint8))


def annotation(points: np.ndarray, **more: Any) -> dict[str, Any]:
    """A person as COCO-WholeBody has it, whose (133, 2) points are labelled where they are numbers."""
    flat = np.column_stack([np.nan_to_num(points), np.isfinite(points[:, 0]) * 2])
    keys = ("keypoints", "foot_kpts", "face_kpts", "lefthand_kpts", "righthand_kpts")
    parts = {key: flat[place].ravel().tolist() for key, place in zip(keys, PLACES.values(), strict=True)}
    boxes = {"bbox": BOX_XYWH, "lefthand_box": [0, 0, 10, 8], "righthand_box": [0, 0, 0, 0]}
    return {"image_id": 1, "area": 900.0, "iscrowd": 0} | boxes | parts | more


def coco_file(folder: Path, *people: dict[str, Any]) -> Path:
    picture(folder)
    file = folder / "coco.json"
    images = [{"id": 1, "file_name": "1.png"}, {"id": 2, "file_name": "nobody.png"}]
    file.write_text(json.dumps({"images": images, "annotations": people}))
    return file


def h3wb_file(folder: Path, truth_mm: np.ndarray, **more: Any) -> Path:
    picture(folder)
    left, top, width, height = BOX_XYWH
    box = {"x_min": left, "y_min": top, "x_max": left + width, "y_max": top + height}
    points = {str(place): dict(zip("xyz", one, strict=True)) for place, one in enumerate(truth_mm.tolist())}
    file = folder / "h3wb.json"
    file.write_text(json.dumps({"0": {"image_path": "1.png", "bbox": box, "keypoints_3d": points} | more}))
    return file


@pytest.fixture
def printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., dict[str, list[str]]]:
    """Runs the bench; returns its table: cells by the first one of their row."""

    def run(kind: str, file: Path, engine: MadeEngine | None = None, *more: str) -> dict[str, list[str]]:
        monkeypatch.setattr(public, "load", lambda *_, **__: ("made", engine or MadeEngine()))
        folders = ("--annotations", str(file), "--pictures", str(tmp_path), "--out", str(tmp_path / "out"))
        monkeypatch.setattr("sys.argv", ["public", kind, *folders, *more])
        public.main()
        rows = [line.strip("| ").split(" | ") for line in capsys.readouterr().out.splitlines() if line.startswith("|")]
        return {cells[0].strip(): [cell.strip() for cell in cells[1:]] for cells in rows}

    return run


def test_labels_where_everything_is_found_are_met_by_all_figures(tmp_path: Path, printed: Any):
    labels = points_px(tracked()) + CORNER
    rows = printed("coco", coco_file(tmp_path, annotation(labels)))
    assert rows["body"] == ["100.0"] * 4 + ["1", "100.0", "100.0", "0.0", "0.0"]
    assert rows["left hand"] == ["100.0"] * 4 + ["1", "100.0", "100.0", "0.0", "0.0"]
    assert rows["whole body"][:4] == ["100.0"] * 4
    assert rows["face"][:5] == ["", "", "", "", "0"]


def test_parts_are_off_by_what_their_labels_are_moved(tmp_path: Path, printed: Any):
    labels = points_px(tracked()) + CORNER
    labels[PLACES["left_hand"]] += (3, 0)
    labels[95] += (-2, 0)
    labels[PLACES["right_hand"]] = 30
    rows = printed("coco", coco_file(tmp_path, annotation(labels)))
    # Of a hand's box of 10 px, 20 points are 3 px away and one is 1 px away.
    assert rows["left hand"][4:] == ["1", "100.0", f"{100 / 21:.1f}", f"{(20 * 30 + 10) / 21:.1f}", "29.0"]
    assert rows["right hand"] == ["0.0"] * 4 + ["1", "0.0", "0.0"]
    assert float(rows["hands, mean of both"][0]) == pytest.approx(float(rows["left hand"][0]) / 2, abs=0.1)


def test_people_who_are_not_labelled_are_not_tracked(tmp_path: Path, printed: Any):
    labels = points_px(tracked()) + CORNER
    nobody = annotation(np.full((133, 2), np.nan), bbox=[0, 0, 3, 3])
    crowd = annotation(labels, iscrowd=1, bbox=[0, 0, 3, 3])
    rows = printed("coco", coco_file(tmp_path, annotation(labels), nobody, crowd))
    assert rows["body"][4:6] == ["1", "100.0"]


def test_space_where_everything_is_right_is_off_by_nothing(tmp_path: Path, printed: Any):
    truth = np.nan_to_num(world_mm(tracked())) + np.array([100, -200, 5000])
    rows = printed("h3wb", h3wb_file(tmp_path, truth))
    assert rows["body and feet"] == ["0.0", "0.0", "0.0", "100.0"]
    assert rows["hands"] == ["0.0", "0.0", "0.0", "50.0"]  # one of two is found
    assert rows["face"] == ["", "", "", "0.0"]


def test_a_hand_that_is_moved_is_off_by_that_but_not_by_its_wrist(tmp_path: Path, printed: Any):
    truth = np.nan_to_num(world_mm(tracked()))
    truth[PLACES["left_hand"]] += (0, 30, 40)
    rows = printed("h3wb", h3wb_file(tmp_path, truth))
    assert rows["hands"] == ["50.0", "0.0", "0.0", "50.0"]


def test_a_tracker_that_fails_ends_the_bench(tmp_path: Path, printed: Any):
    file = coco_file(tmp_path, annotation(points_px(tracked()) + CORNER))
    with pytest.raises(SystemExit, match=r"Tracking failed: .*out of memory"):
        printed("coco", file, MadeEngine(fails=True))


def test_a_crop_is_a_quarter_larger_and_inside_the_picture():
    rgb: RgbImage = np.zeros((100, 80, 3), np.uint8)
    inside, corner = crop(rgb, np.array(BOX_XYWH, float))
    assert (inside.shape, corner.tolist()) == ((50, 50, 3), [15, 15])
    clipped, corner = crop(rgb, np.array([60.0, 0, 40, 40]))
    assert (clipped.shape, corner.tolist()) == ((45, 25, 3), [55, 0])
    smallest, _ = crop(rgb, np.array([200.0, 200, 0, 0]))
    assert smallest.shape == (1, 1, 3)


def test_a_limit_takes_samples_from_all_of_the_file(tmp_path: Path):
    file = h3wb_file(tmp_path, np.zeros((133, 3)))
    one = json.loads(file.read_text())["0"]
    file.write_text(json.dumps({str(number): one | {"image_path": f"{number}.png"} for number in range(10)}))
    assert [sample.file.name for sample in h3wb(file, tmp_path, 3)] == ["0.png", "3.png", "6.png"]
    assert len(list(h3wb(file, tmp_path, 40))) == 10


def test_files_of_another_kind_end_with_a_sentence(tmp_path: Path):
    file = tmp_path / "other.json"
    file.write_text('{"0": {"image_path": "1.png"}}')
    with pytest.raises(SystemExit, match="is not a file of COCO-WholeBody: 'images' is missing"):
        coco_wholebody(file, tmp_path, None)
    with pytest.raises(SystemExit, match=r"is not a file of H3WB .*: 'bbox' is missing"):
        list(h3wb(file, tmp_path, None))
    file.write_text("no JSON")
    with pytest.raises(SystemExit, match="cannot be read"):
        coco_wholebody(file, tmp_path, None)
    with pytest.raises(SystemExit, match="is not there"):
        read_picture(tmp_path / "none.jpg")
