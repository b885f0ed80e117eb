"""The files that a command line names: videos, folders of them, patterns, pictures in a sequence, standard input."""

import glob
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Final

from mocast.errors import ProcessingError
from mocast.jobs.file_task import FileSource, FileTask
from mocast.jobs.writers.summary import has_summary
from mocast.model.options import JobOptions

STDIN: Final = "-"
STDIN_KEPT: Final = ".stdin"
"""The file that standard input is kept in while it is worked on."""

VIDEOS: Final = frozenset({
    ".3gp", ".asf", ".avi", ".divx", ".flv", ".gif", ".h264", ".h265", ".hevc", ".m2ts", ".m4v", ".mjpeg", ".mkv",
    ".mov", ".mp4", ".mpeg", ".mpg", ".mts", ".mxf", ".nut", ".ogv", ".ts", ".vob", ".webm", ".wmv", ".y4m",
})  # fmt: skip
"""Suffixes that are looked for in folders; a file that is named may have any."""
PICTURES: Final = frozenset((".bmp", ".jpeg", ".jpg", ".png", ".webp"))

_PATTERN: Final = re.compile(r"%0?(\d*)d")
"""The number in a sequence's name, as FFmpeg and others write it: ``frame_%04d.png``."""
_NUMBERED: Final = re.compile(r"(.*?)(\d+)(\.\w+)")
"""A name with a number at its end."""


def find_sources(inputs: Sequence[str]) -> list[FileSource]:
    """Return what the command line names, each once, folders' files in the order of their names.

    A name that nothing is at becomes a source that fails when it is read, so that the others are processed. Raises
    ``ProcessingError`` where a folder or a pattern holds nothing.
    """
    sources: dict[tuple[Path, ...], FileSource] = {}
    for given in inputs:
        for source in _sources(given):
            sources.setdefault(source.paths, source)
    return list(sources.values())


def _sources(given: str) -> Iterator[FileSource]:
    path = Path(given)
    if given == STDIN:
        yield FileSource("stdin", (path,))
    elif path.is_dir():
        visible = sorted(one for one in path.rglob("*") if one.is_file() and not _is_hidden(one, path))
        found = list(_grouped(_without_outputs(visible)))
        if not found:
            raise ProcessingError(f"There is no video and no picture in the folder {given}.")
        yield from found
    elif path.exists():
        yield FileSource(given, (path,), is_pictures=path.suffix.lower() in PICTURES)
    elif _PATTERN.search(path.name):
        yield _pattern(path)
    elif glob.has_magic(given):
        found = list(_grouped(_without_outputs(map(Path, sorted(glob.glob(given, recursive=True))))))
        if not found:
            raise ProcessingError(f"Nothing is named like {given}.")
        yield from found
    else:
        yield FileSource(given, (path,))


def _without_outputs(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files that no earlier run has made: ``-o`` may be within a folder of videos."""
    made: dict[Path, bool] = {}
    for path in paths:
        if path.parent not in made:
            made[path.parent] = has_summary(path.parent)
        if not made[path.parent]:
            yield path


def _is_hidden(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts)


def _pattern(path: Path) -> FileSource:
    """Return the sequence of names that differ in a number. Raises ``ProcessingError`` where there are none."""
    digits = _PATTERN.search(path.name)
    assert digits is not None
    before, after = path.name[: digits.start()], path.name[digits.end() :]
    name = re.compile(re.escape(before) + r"(\d+)" + re.escape(after))
    found = [(int(match[1]), one) for one in path.parent.glob("*") if (match := name.fullmatch(one.name))]
    if not found:
        raise ProcessingError(f"Nothing is named like {path}.")
    return FileSource(str(path), tuple(one for _, one in sorted(found)), is_pictures=True)


def _grouped(paths: Iterable[Path]) -> Iterator[FileSource]:
    """Yield the videos, and the pictures: those whose names differ in their number alone are one sequence."""
    known = [path for path in paths if path.suffix.lower() in VIDEOS | PICTURES]
    for path in known:
        if path.suffix.lower() in VIDEOS:
            yield FileSource(str(path), (path,))
    pictures = sorted((path for path in known if path.suffix.lower() in PICTURES), key=_sequence_key)
    for (parent, before, after), group in groupby(pictures, key=lambda path: _sequence_key(path)[:3]):
        members = tuple(group)
        shown = str(members[0]) if len(members) == 1 else str(parent / f"{before}%d{after}")
        yield FileSource(shown, members, is_pictures=True)


def _sequence_key(path: Path) -> tuple[Path, str, str, int]:
    match = _NUMBERED.fullmatch(path.name)
    return (path.parent, path.name, "", 0) if match is None else (path.parent, match[1], match[3], int(match[2]))


def make_tasks(sources: Sequence[FileSource], folder: Path, options: JobOptions) -> list[FileTask]:
    """Return a task for each source, each with a folder of its own in ``folder``: no two get the same."""
    tasks: list[FileTask] = []
    taken: set[str] = set()
    for number, source in enumerate(sources):
        stem = _free(source, taken)
        taken.add(stem.casefold())  # file systems may not tell case apart
        tasks.append(FileTask(number, source, folder / stem, stem, options))
    return tasks


def _free(source: FileSource, taken: set[str]) -> str:
    path = source.paths[0]
    stem = "stdin" if str(path) == STDIN else path.stem
    if len(source.paths) > 1:
        stem = re.sub(r"[\s._-]*\d+$", "", stem) or path.resolve().parent.name or "pictures"
    names = (stem, path.name, *(f"{stem}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name.casefold() not in taken)


def with_stdin_kept(task: FileTask) -> FileTask:
    """Return the task with standard input written to a file in its folder, as only files can be read side by side.

    Raises ``OSError``, and ``ProcessingError`` where nothing comes.
    """
    path = task.folder / STDIN_KEPT
    task.folder.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        shutil.copyfileobj(sys.stdin.buffer, file, 1 << 20)
        if not file.tell():
            raise ProcessingError("Nothing came from standard input.")
    return replace(task, source=replace(task.source, paths=(path,)))
