"""``summary.json``: what a file was, what was found in it, how it was processed. Written last, when all is there."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson

from mocast import __version__
from mocast.jobs.file_task import FileTask, SegmentResult, TrackerChoice, VideoInfo
from mocast.jobs.writers.result_writer import JoinedFrame
from mocast.model.analysis import Analysis, Event
from mocast.model.tracked import PARTS
from mocast.validation import to_json
from mocast.wire import analysis_json

NAME: Final = "summary.json"
VERSION: Final = 1
MOST_EVENTS: Final = 10_000
"""Events that are listed; JSON lines have all."""


@dataclass(slots=True)
class FileCounts:
    """What was found in a file's frames."""

    frames: int = 0
    found: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PARTS, 0))
    "Frames in which each part was found."
    nobody: int = 0
    "Frames in which nobody was found."
    first_s: float | None = None
    last_s: float | None = None
    "When the first and the last frame are shown."

    analysis: Analysis | None = None
    "The last frame's analysis, with ranges and counts since the first."
    events: list[Event] = field(default_factory=list)
    "All of them, up to ``MOST_EVENTS``."

    def add(self, frame: JoinedFrame) -> None:
        """Count a frame."""
        tracked = frame.results.tracked
        self.frames += 1
        self.nobody += tracked.is_empty
        for part in PARTS:
            self.found[part] += getattr(tracked, part) is not None
        self.first_s = frame.time_s if self.first_s is None else self.first_s
        self.last_s = frame.time_s
        analysis = frame.results.analysis
        if analysis is not None:
            self.analysis = analysis
            self.events += analysis.events[: MOST_EVENTS - len(self.events)]


@dataclass(frozen=True, slots=True)
class Processing:
    """How a file was processed."""

    segments: Sequence[SegmentResult]
    wanted: int | None
    "Frames that should have been there; ``None`` where the file does not say."
    seconds: float
    choice: TrackerChoice
    fingerprint: str
    "Of the file, the options and this version: the same, and nothing need be done again."


def summary(task: FileTask, video: VideoInfo, counts: FileCounts, how: Processing, outputs: Sequence[Path]) -> bytes:
    """Return the summary of a file whose outputs are all there."""
    span_s = None if counts.first_s is None or counts.last_s is None else counts.last_s - counts.first_s
    width, height = video.size_wh
    message: dict[str, Any] = {
        "type": "summary",
        "version": VERSION,
        "server": f"mocast {__version__}",
        "source": {
            "name": task.source.name,
            "made_at": video.made_at.isoformat(timespec="milliseconds"),
            "codec": video.codec,
            "width": width,
            "height": height,
            "rotation": video.rotation,
            "fps": round(float(video.fps), 3),
            "audio": list(video.audio),
        },
        "options": to_json(task.options),
        "frames": counts.frames,
        "from_s": _rounded(counts.first_s),
        "to_s": _rounded(counts.last_s),
        "found": counts.found,
        "nobody": counts.nobody,
        "analysis": None if counts.analysis is None else analysis_json.parts(counts.analysis, frozenset({"events"})),
        "events": [analysis_json.event(event) for event in counts.events],
        "missing": max(how.wanted - counts.frames, 0) if how.wanted is not None else 0,
        "unreadable": sum(segment.unreadable for segment in how.segments),
        "tracker_failures": sum(segment.failures for segment in how.segments),
        "engine": how.choice.engine,
        "precision": how.choice.precision,
        "device": how.choice.device,
        "segments": len(how.segments),
        "seconds": round(how.seconds, 2),
        "frames_per_s": round(counts.frames / how.seconds, 1) if how.seconds > 0 else None,
        "times_real_time": round(span_s / how.seconds, 2) if span_s and how.seconds > 0 else None,
        "outputs": [{"name": path.name, "bytes": path.stat().st_size} for path in outputs],
        "fingerprint": how.fingerprint,
    }
    return orjson.dumps(message, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def is_done(folder: Path, fingerprint: str) -> list[Path] | None:
    """Return the outputs of a file that was processed with this fingerprint before and has them all; else ``None``."""
    try:
        known = orjson.loads((folder / NAME).read_bytes())
        outputs = [folder / output["name"] for output in known["outputs"]]
        sizes = [output["bytes"] for output in known["outputs"]]
        if known["fingerprint"] == fingerprint and [path.stat().st_size for path in outputs] == sizes:
            return [*outputs, folder / NAME]
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return None


def has_summary(folder: Path) -> bool:
    """Return whether a folder holds what was made of a file."""
    try:
        return bool(orjson.loads((folder / NAME).read_bytes())["type"] == "summary")
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
