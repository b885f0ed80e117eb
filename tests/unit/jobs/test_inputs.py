"""What a command line names: files, folders, patterns, sequences; and the folders of their outputs."""

from pathlib import Path

import pytest

from mocast.errors import ProcessingError
from mocast.jobs.inputs import find_sources, make_tasks
from mocast.model.options import JobOptions


def touch(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return folder


def found(*inputs: object) -> list[tuple[list[str], bool]]:
    return [([path.name for path in one.paths], one.is_pictures) for one in find_sources([str(it) for it in inputs])]


def test_a_folder_gives_its_videos_and_pictures_also_of_folders_in_it(tmp_path: Path) -> None:
    touch(tmp_path, "b.MP4", "a.mkv", "notes.txt", "more/c.webm", ".hidden/d.mp4", "photo.jpg")
    assert found(tmp_path) == [(["a.mkv"], False), (["b.MP4"], False), (["c.webm"], False), (["photo.jpg"], True)]


def test_pictures_that_differ_in_their_number_alone_are_a_sequence_in_its_order(tmp_path: Path) -> None:
    touch(tmp_path, "shot_10.png", "shot_9.png", "shot_1.png", "other_1.png", "shot_2.jpg")
    assert found(tmp_path) == [
        (["other_1.png"], True),
        (["shot_2.jpg"], True),
        (["shot_1.png", "shot_9.png", "shot_10.png"], True),
    ]
    assert found(tmp_path / "shot_%d.png") == [(["shot_1.png", "shot_9.png", "shot_10.png"], True)]
    assert found(tmp_path / "shot_*.png") == found(tmp_path / "shot_%02d.png")


def test_a_pattern_gives_what_it_matches_and_each_file_once(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "b.mp4", "c.mov")
    assert found(tmp_path / "*.mp4", tmp_path / "b.mp4") == [(["a.mp4"], False), (["b.mp4"], False)]


def test_a_name_that_nothing_is_at_is_left_to_fail_by_itself(tmp_path: Path) -> None:
    assert found(tmp_path / "missing.mp4") == [(["missing.mp4"], False)]


@pytest.mark.parametrize("given", ["", "*.mp4", "frame_%04d.png"])
def test_a_folder_or_a_pattern_of_nothing_is_wrong_usage(tmp_path: Path, given: str) -> None:
    with pytest.raises(ProcessingError):
        find_sources([str(tmp_path / given)])


def test_no_two_files_get_the_same_folder(tmp_path: Path) -> None:
    touch(tmp_path, "a.mp4", "a.mov", "x/a.mp4", "y/A.mp4", "shot_1.png", "shot_2.png")
    tasks = make_tasks(find_sources([str(tmp_path)]), Path("out"), JobOptions())
    assert [task.folder.as_posix() for task in tasks] == [
        "out/a",
        "out/a.mp4",
        "out/a-2",
        "out/A-3",
        "out/shot",
    ]
