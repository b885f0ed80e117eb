"""``mocast process``: videos and pictures on disk → landmarks, motion, tables and annotated videos, on every core."""

import argparse
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal, NoReturn, get_args, get_origin

from mocast.analysis.exercise_files import ExerciseError, Exercises, load_exercises
from mocast.analysis.repetitions import require_exercises
from mocast.errors import ProcessingError, TrackingError, Unprocessable
from mocast.jobs.file_task import FileTask, SegmentExecutor, TrackerChoice
from mocast.jobs.inputs import find_sources, make_tasks
from mocast.jobs.option_flags import option_flag
from mocast.jobs.progress import ProgressKind, make_reporter
from mocast.jobs.writers.result_writer import require_formats
from mocast.model.options import JobOptions
from mocast.tracking.engines import REFERENCE
from mocast.tracking.face_task import FaceShapes, choose_face_shapes
from mocast.tracking.networks_folder import HEAVY, NO_HEAVY
from mocast.validation import read_query, schema_of

SOME_FAILED: Final = 3
"""The exit status where some files could not be processed; the others are done."""
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130
"""As shells have it for a process that Ctrl-C ended: 128 and SIGINT."""

ENGINES: Final = {
    "local": "mocast.jobs.local_executor:LocalExecutor",
    "ray": "mocast.jobs.ray_executor:RayExecutor",
}
"""Where segments are processed → ``module:Class``, imported when it is asked for; made with how many at a time,
``TrackerChoice`` and ``JobOptions``."""


@dataclass(frozen=True, slots=True)
class ProcessArguments:
    """What the command line asks for."""

    inputs: tuple[str, ...]
    folder: Path
    options: JobOptions
    jobs: int | None
    "At a time; ``None``: as many as there are processors."
    progress: ProgressKind
    engine: str
    again: bool
    parent: int | None
    "The server whose job this is."


def process(words: Sequence[str], choice: TrackerChoice, exercises_folder: Path | None = None) -> int:
    """Run the command; return the process's exit status. ``exercises_folder``: of the user's own."""
    try:
        arguments = parse_arguments(words)
        exercises = _exercises(exercises_folder)
        require_exercises(arguments.options.analysis.exercises, exercises)
        require_formats(arguments.options.formats)
        tasks = make_tasks(find_sources(arguments.inputs), arguments.folder, arguments.options)
    except (Unprocessable, ProcessingError) as error:
        print(f"mocast process: {error}", file=sys.stderr)
        return WRONG_USAGE
    try:
        return _run(arguments, tasks, choice, exercises)
    except ProcessingError as error:  # where it should run nothing can
        print(f"mocast process: {error}", file=sys.stderr)
        return WRONG_USAGE
    except KeyboardInterrupt:
        print("mocast process: interrupted; the same command goes on where it was", file=sys.stderr)
        return INTERRUPTED


def parse_arguments(words: Sequence[str]) -> ProcessArguments:
    """Return what to do. Raises ``Unprocessable`` where an option is wrong; ``SystemExit`` where a flag is unknown."""
    parser = argparse.ArgumentParser(
        "mocast process",
        description="Tracks people in videos and pictures on disk, and writes what was found.",
        epilog="Exit status: 0 all is done, 2 wrong usage, 3 some files failed. MOCAST_ENGINE, MOCAST_PRECISION, "
        "MOCAST_CACHE_DIR, MOCAST_FACE_SHAPES, MOCAST_FACE_TASK_PATH and MOCAST_EXERCISES_FOLDER are those of mocast "
        "serve.",
    )
    parser.add_argument(
        "inputs",
        nargs="+",
        metavar="IN",
        help="videos, pictures, folders, patterns, frame_%%04d.png; - is standard input",
    )
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="where each file gets a folder")
    parser.add_argument("--jobs", type=_count, metavar="N", help="segments at a time; default: one for each core")
    parser.add_argument(
        "--progress", choices=get_args(ProgressKind), default="auto", help="how progress is told (default: %(default)s)"
    )
    parser.add_argument("--engine", choices=ENGINES, default="local", help="where it runs (default: %(default)s)")
    parser.add_argument("--again", action="store_true", help="process files that are done already, too")
    parser.add_argument("--parent", type=int, help=argparse.SUPPRESS)  # see JsonReporter; for jobs of a server
    names = _add_options(parser)
    given = vars(parser.parse_intermixed_args(words))
    query = {name: given[name] for name in names if given[name] is not None}
    options = read_query(JobOptions, query)
    if options.end is not None and options.end <= options.start:
        raise Unprocessable("The end is not after the start: --to must be larger than --from.")
    return ProcessArguments(
        inputs=tuple(given["inputs"]),
        folder=given["output"],
        options=options,
        jobs=given["jobs"],
        progress=given["progress"],
        engine=given["engine"],
        again=given["again"],
        parent=given["parent"],
    )


def _exercises(folder: Path | None) -> Exercises:
    """Mocast's exercises and the user's. Raises ``ProcessingError`` where one of these cannot be used."""
    try:
        return load_exercises(folder)
    except ExerciseError as error:
        raise ProcessingError(str(error)) from error
    except OSError as error:
        raise ProcessingError(f"{error.filename}: {error.strerror}.") from error


def _add_options(parser: argparse.ArgumentParser) -> list[str]:
    """Add a flag for each option of a job; return the options' names."""
    fields = schema_of(JobOptions).model_fields
    for name, option in fields.items():
        takes: dict[str, Any] = {"action": "store_const", "const": "true"}
        if option.default is not False:
            choices = get_args(option.annotation) if get_origin(option.annotation) is Literal else ()
            takes = {"metavar": f"{{{','.join(choices)}}}" if choices else name.upper()}
        text = (option.description or "").replace(" in a query", "").replace("%", "%%")
        parser.add_argument(option_flag(name), dest=name, help=text, **takes)
    return list(fields)


def _count(text: str) -> int:
    if text.isdecimal() and 1 <= (count := int(text)) <= 1024:
        return count
    raise argparse.ArgumentTypeError(f"{text} is not from 1 to 1024")


def _run(arguments: ProcessArguments, tasks: Sequence[FileTask], choice: TrackerChoice, exercises: Exercises) -> int:
    reporter = make_reporter(arguments.progress, arguments.parent)
    _say_what_is_missing(arguments, choice)
    signal.signal(signal.SIGTERM, _interrupt)
    executor = _executor(arguments, choice)  # first, as its processes take a while to start
    try:
        signal.signal(signal.SIGTERM, _interrupt)  # again, as Ray has set one of its own
        # Late, so that a wrong flag and --help are answered at once.
        from mocast.analysis.person_analysers import PersonAnalysers  # noqa: PLC0415
        from mocast.jobs.file_runs import FilesRun  # noqa: PLC0415
        from mocast.rigging.person_solvers import PersonSolvers  # noqa: PLC0415

        face_shaper = _face_shaper(arguments.options, choice)

        def stages(task: FileTask) -> tuple[PersonSolvers, PersonAnalysers]:
            analysers = PersonAnalysers(task.options.analysis, exercises)
            analysers.field_of_view = task.options.rig.field_of_view
            return PersonSolvers(task.options.rig, face_shaper), analysers

        run = FilesRun(executor, reporter, stages, choice, again=arguments.again)
        try:
            run.run(tasks)
        finally:
            reporter.close(run.done, run.failed)
    finally:
        executor.close()
    return SOME_FAILED if run.failed else 0


def _face_shaper(options: JobOptions, choice: TrackerChoice) -> FaceShapes | None:
    """Return the network of faces' shapes where a file is written that holds some. Raises ``ProcessingError``."""
    if options.tracker not in ("holistic", "face") or not set(options.formats) - {"mp4", "bvh"}:
        return None
    try:
        return choose_face_shapes(choice.engine, choice.face_shapes, choice.face_task, choice.cache_folder)
    except TrackingError as error:
        raise ProcessingError(f"The network of blend shapes cannot be used: {error}.") from error


def _say_what_is_missing(arguments: ProcessArguments, choice: TrackerChoice) -> None:
    """Say where ``best`` is less than it could be; workers say nothing themselves, as there are several."""
    options = arguments.options
    finds_bodies = options.tracker in ("holistic", "pose") and choice.engine != REFERENCE
    if options.quality == "best" and finds_bodies and arguments.engine == "local" and not HEAVY.is_file():
        print(f"mocast process: {NO_HEAVY}", file=sys.stderr)


def _executor(arguments: ProcessArguments, choice: TrackerChoice) -> SegmentExecutor:
    """Return what processes segments. Raises ``ProcessingError`` where it cannot be had."""
    module, _, attribute = ENGINES[arguments.engine].partition(":")
    try:
        make: Callable[..., SegmentExecutor] = getattr(import_module(module), attribute)
    except ModuleNotFoundError as error:
        extra = f'pip install "mocast[{arguments.engine}]"'
        raise ProcessingError(f"The engine {arguments.engine} needs the package {error.name}: {extra}.") from error
    return make(arguments.jobs, choice, arguments.options)


def _interrupt(number: int, frame: object) -> NoReturn:
    """End as Ctrl-C does."""
    raise KeyboardInterrupt
