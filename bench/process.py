"""How fast ``mocast process`` is, and whether sound stays in step: ``python -m bench.process [BENCH] [--clip FILE]``.

``cores``      two cores against one, the same file in turns: holistic, balanced, all of the default outputs
``folder``     the same with a folder of eight files, each an eighth as long
``solutions``  two cores, against a script around ``mp.solutions.holistic`` that reads the same file and writes the same
               landmarks, in turns, start and end of both programs included
``realtime``   two cores, the tracker pose on 640x480: times as fast as the video is played
``long``       ten minutes of 1080p with sound: how far sound and picture are apart at the end, and what memory all
               processes take together
``all``        all of them, by default

Each file is made of the clip, forward and backward, until it is long enough; kept in ``--out``.
"""

import argparse
import contextlib
import ctypes
import os
import resource
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from pathlib import Path

import av
import cv2
import numpy as np
import orjson
from numpy.typing import NDArray

from bench.clips import TICKS, rgb_pictures, there_and_back
from bench.processes import ALL_CORES, on_cores
from bench.report import Figure, parser, save, table, verdict_cells
from mocast.model.frame import Frame, RgbImage

FPS = 30
RATE_HZ = 48_000
BEEP_S, BEEP_HZ = 0.05, 1_000
MARK_PX = 48
"""Side of the square in the top left corner that is white in the first picture of each second, as a beep begins."""
PICTURES = 300
SECONDS = 240
"""Of the file: so long that the start of the programs, some seconds of compiling networks, is a few percent."""
SAMPLED_EVERY_S = 0.5
CORES_USED = 2
FILES = 8
"""Of the folder: all but the last are processed in one piece, and that in segments, so that cores end together."""
PR_SET_CHILD_SUBREAPER = 36
"""prctl(2)."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of a program to its end."""

    seconds: float
    processor_s: float
    "Of all of its processes together: what is told of it holds on a busy machine, too."
    memory_mb: list[float]
    "Of all of its processes together (PSS, in which shared pages count once), every ``SAMPLED_EVERY_S``."


def main() -> None:
    made = parser(__doc__, seconds=SECONDS)
    made.formatter_class = argparse.RawDescriptionHelpFormatter
    benches = (*BENCHES, "all", "solve")
    made.add_argument("bench", nargs="?", choices=benches, default="all", help="default: %(default)s")
    made.add_argument("--rounds", type=int, default=3, help="of each comparison (default: %(default)s)")
    made.add_argument("--minutes", type=float, default=10, help="of the long file (default: %(default)s)")
    made.add_argument("--file", type=Path, help=argparse.SUPPRESS)  # of solve
    arguments = made.parse_args()
    if arguments.bench == "solve":
        solve(arguments.file, arguments.out)
        return
    names = tuple(BENCHES) if arguments.bench == "all" else (arguments.bench,)
    figures = [figure for name in names for figure in BENCHES[name](arguments)]
    text = table(["", "measured", "target", ""], map(verdict_cells, figures))
    save(arguments.out, f"process-{arguments.bench}", figures, text, {})


def cores(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Compare two cores with one."""
    file = made_file(arguments, "cores", (640, 480), arguments.seconds)
    yield from compared(arguments, "one file", file, frames_of(file))


def folder(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Compare them where there are files enough for both."""
    file = made_file(arguments, "file", (640, 480), arguments.seconds / FILES)
    files = arguments.out / f"process-folder-{arguments.seconds:g}s"
    files.mkdir(exist_ok=True)
    for number in range(FILES):
        shutil.copyfile(file, files / f"{number}.mp4")
    yield from compared(arguments, f"{FILES} files", files, FILES * frames_of(file))


def compared(arguments: argparse.Namespace, name: str, given: Path, frames: int) -> Iterator[Figure]:
    """Process a file or a folder on one core and on two, in turns."""
    programs = {
        f"{count} cores": partial(processed, arguments, given, count, "--jobs", str(count)) for count in (1, CORES_USED)
    }
    ran = in_turns(arguments.rounds, programs)
    one, two = ran.values()
    for cores, runs in ran.items():
        yield Figure(f"holistic balanced, {name}, {cores}: frames a second", frames / median(runs), "")
    yield Figure(f"{name}: two cores over one", ratio(one, two), "times", at_least=1.9)
    yield Figure(f"{name}: processor time on two cores over that on one", processor_ratio(two, one), "times")


def solutions(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Compare with MediaPipe's published solution."""
    file = made_file(arguments, "cores", (640, 480), arguments.seconds)
    script = ["-m", "bench.process", "solve", "--file", str(file), "--out", str(arguments.out)]
    programs = {
        "mp.solutions": lambda: run(on_cores(ALL_CORES[:CORES_USED], script)),
        "mocast process": lambda: processed(arguments, file, CORES_USED, "--formats", "jsonl"),
    }
    ran = in_turns(arguments.rounds, programs)
    for name, runs in ran.items():
        yield Figure(f"holistic, {name}, two cores: frames a second", frames_of(file) / median(runs), "")
    times = ratio(ran["mp.solutions"], ran["mocast process"])
    yield Figure("holistic balanced over mp.solutions", times, "times", at_least=2.2)
    times = processor_ratio(ran["mp.solutions"], ran["mocast process"])
    yield Figure("the same by processor time", times, "times")


def realtime(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Measure the tracker of the body alone."""
    file = made_file(arguments, "cores", (640, 480), arguments.seconds)
    for formats in ("jsonl", "mp4,jsonl"):
        flags = ("--tracker", "pose", "--formats", formats)
        runs = [processed(arguments, file, CORES_USED, *flags) for _ in range(arguments.rounds)]
        times = frames_of(file) / FPS / median(runs)
        yield Figure(f"pose, 640x480, {formats}: times as fast as it plays", times, "times", at_least=5)


def long(arguments: argparse.Namespace) -> Iterator[Figure]:
    """Measure a long file's sound and memory."""
    file = made_file(arguments, "long", (1920, 1080), 60 * arguments.minutes)
    done = processed(arguments, file, CORES_USED)
    output = output_folder(arguments) / file.stem / f"{file.stem}.mp4"
    before, after = apart_ms(file), apart_ms(output)
    yield Figure(f"{arguments.minutes:g} minutes of 1080p: frames a second", frames_of(file) / done.seconds, "")
    yield Figure("sound after the picture, the last ten seconds, as in the file", before, "ms")
    off = abs(after - before)
    yield Figure("how much further off it is in the output", off, "ms", at_most=20)
    yield Figure("frames lost", frames_of(file) - frames_of(output), "", at_most=0)
    third = len(done.memory_mb) // 3
    middle, last = (max(done.memory_mb[part]) for part in (slice(third, 2 * third), slice(2 * third, None)))
    yield Figure("memory of all processes, at most", max(done.memory_mb), "MB", at_most=600)
    yield Figure("memory, the last third over the one before", last / middle, "times", at_most=1.05)


BENCHES: dict[str, Callable[[argparse.Namespace], Iterator[Figure]]] = {
    "cores": cores,
    "folder": folder,
    "solutions": solutions,
    "realtime": realtime,
    "long": long,
}


def in_turns(rounds: int, programs: dict[str, Callable[[], Ran]]) -> dict[str, list[Ran]]:
    """Run each program once a round; who is first changes from round to round."""
    ran: dict[str, list[Ran]] = {name: [] for name in programs}
    for number in range(rounds):
        for name in list(programs)[:: -1 if number % 2 else 1]:
            ran[name].append(programs[name]())
            print(f"{name}: {ran[name][-1].seconds:.1f} s", file=sys.stderr, flush=True)
    return ran


def median(runs: list[Ran]) -> float:
    return statistics.median(one.seconds for one in runs)


def ratio(slow: list[Ran], fast: list[Ran]) -> float:
    """Return the median of the rounds' ratios of time on the clock."""
    return statistics.median(one.seconds / other.seconds for one, other in zip(slow, fast, strict=True))


def processor_ratio(slow: list[Ran], fast: list[Ran]) -> float:
    """Return the same of processor time."""
    return statistics.median(one.processor_s / other.processor_s for one, other in zip(slow, fast, strict=True))


def processed(arguments: argparse.Namespace, file: Path, cores: int, *flags: str) -> Ran:
    """Run ``mocast process`` on a file."""
    command = ["-m", "mocast", "process", str(file), "-o", str(output_folder(arguments)), "--again"]
    return run(on_cores(ALL_CORES[:cores], [*command, "--progress", "json", *flags]))


def output_folder(arguments: argparse.Namespace) -> Path:
    folder: Path = arguments.out / "processed"
    return folder


def run(command: list[str]) -> Ran:
    """Run a program to its end. Ends this one where it fails."""
    adopt_orphans()
    began, before_s = time.perf_counter(), children_s()
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    memory: list[float] = []
    ended = threading.Event()

    def sample() -> None:
        while not ended.wait(SAMPLED_EVERY_S):
            memory.append(sum(map(pss_mb, family(process.pid))))

    sampling = threading.Thread(target=sample)
    sampling.start()
    told, _ = process.communicate()
    seconds = time.perf_counter() - began
    ended.set()
    sampling.join()
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed with {process.returncode}: {told.decode()[-500:]}")
    wait_for_orphans()
    return Ran(seconds, children_s() - before_s, memory or [0.0])


def adopt_orphans() -> None:
    """Have processes whose parent has ended become this one's children, so that their processor time is known."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def wait_for_orphans() -> None:
    """Wait until all processes that were run have ended."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def children_s() -> float:
    """Return the processor time of all programs that were run and have ended, and of what they ran."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def family(pid: int) -> Iterator[int]:
    """Yield a process and all that it has started, now."""
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in children.read_text().split():
                yield from family(int(child))
        except OSError:  # it has ended
            continue


def pss_mb(pid: int) -> float:
    """Return a process's proportional share of memory in MB; 0 where it has ended."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024 / 1e6
    except OSError:
        pass
    return 0.0


def made_file(arguments: argparse.Namespace, name: str, size_wh: tuple[int, int], seconds: float) -> Path:
    """Return a video of that length, with marks and beeps; it is made where it is not there."""
    file: Path = arguments.out / f"process-{name}-{seconds:g}s.mp4"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"draft-{file.name}")
        write_video(draft, rgb_pictures(arguments.clip, PICTURES), size_wh, round(seconds * FPS))
        draft.rename(file)
    return file


def write_video(path: Path, pictures: list[RgbImage], size_wh: tuple[int, int], count: int) -> None:
    """Write pictures, forward and backward, with a mark and a beep each second."""
    larger = size_wh != (640, 480)
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "crf": "20"})
        video.width, video.height, video.pix_fmt = *size_wh, "yuv420p"
        video.gop_size = FPS  # as phones and cameras have it, nearly
        sound = container.add_stream("aac", rate=RATE_HZ, layout="mono")
        for number in range(count):
            rgb = pictures[there_and_back(number, len(pictures))]
            rgb = cv2.resize(rgb, size_wh) if larger else rgb.copy()
            rgb[:MARK_PX, :MARK_PX] = 255 if number % FPS == 0 else 0
            picture = av.VideoFrame.from_ndarray(rgb, format="rgb24")
            picture.pts, picture.time_base = number, Fraction(1, FPS)
            container.mux(video.encode(picture))
            container.mux(sound.encode(beep(number)))
        container.mux(video.encode(None))
        container.mux(sound.encode(None))


def beep(number: int) -> av.AudioFrame:
    """Return the sound of one picture."""
    count = RATE_HZ // FPS
    times = number / FPS + np.arange(count) / RATE_HZ
    samples = 0.5 * np.sin(2 * np.pi * BEEP_HZ * times) * (times % 1 < BEEP_S)
    frame = av.AudioFrame.from_ndarray(samples[None].astype(np.float32), format="fltp", layout="mono")
    frame.pts, frame.sample_rate, frame.time_base = number * count, RATE_HZ, Fraction(1, RATE_HZ)
    return frame


def apart_ms(file: Path) -> float:
    """Return by how much a file's beeps come after its marks in its last ten seconds: the median, in milliseconds."""
    with av.open(str(file)) as container:
        end_s = float(container.duration or 0) / av.time_base
        marks = np.array(list(marks_s(container, end_s - 10)))
    with av.open(str(file)) as container:
        beeps = np.array(list(beeps_s(container, end_s - 10)))
    nearest = [beeps[np.argmin(abs(beeps - mark))] - mark for mark in marks]
    if len(nearest) < 5:
        raise SystemExit(f"{file}: there are {len(marks)} marks and {len(beeps)} beeps in its last ten seconds")
    return 1e3 * float(np.median(nearest))


def marks_s(container: av.container.InputContainer, from_s: float) -> Iterator[float]:
    """Yield when marked pictures are shown."""
    container.seek(round(from_s * av.time_base))
    for picture in container.decode(video=0):
        if picture.time is not None and picture.time >= from_s:
            corner = picture.to_ndarray(format="gray")[4 : MARK_PX - 4, 4 : MARK_PX - 4]
            if corner.mean() > 128:
                yield picture.time


def beeps_s(container: av.container.InputContainer, from_s: float) -> Iterator[float]:
    """Yield when beeps begin."""
    container.seek(round(from_s * av.time_base))
    loud_before_s = -1.0
    for frame in container.decode(audio=0):
        if frame.time is None or frame.time < from_s:
            continue
        samples: NDArray[np.floating] = abs(frame.to_ndarray()[0])
        for index in np.flatnonzero(samples > 0.2):
            at_s = frame.time + index / frame.sample_rate
            if at_s - loud_before_s > 0.5:
                yield at_s
            loud_before_s = at_s


def frames_of(file: Path) -> int:
    with av.open(str(file)) as container:
        return container.streams.video[0].frames


def solve(file: Path, out: Path) -> None:
    """The other program: mp.solutions on a file, its landmarks into JSON lines."""
    from bench.solutions import Holistic, read  # noqa: PLC0415 - MediaPipe is loaded by this program alone

    with Holistic() as solution, av.open(str(file)) as container, (out / "solved.jsonl").open("wb") as lines:
        container.streams.video[0].thread_type = "AUTO"
        for number, picture in enumerate(container.decode(video=0)):
            rgb = picture.to_ndarray(format="rgb24")
            rgb.flags.writeable = False
            frame = Frame(number, number * TICKS, time.monotonic_ns(), rgb)
            found = read(frame, solution.process(frame))
            parts = (found.pose, found.face, found.left_hand, found.right_hand)
            lines.write(orjson.dumps([None if part is None else part.image for part in parts], option=LINE))


LINE = orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE


if __name__ == "__main__":
    main()
