"""The command line: ``mocast serve | token | bridge | keys | process | export | doctor | top | health | ...``."""

import sys
from collections.abc import Callable, Sequence

from mocast import __version__, logs, memory
from mocast.serving import may_serve, run_server, run_until_served, serving_settings
from mocast.settings.command_line import read_settings
from mocast.settings.settings_table import settings_table
from mocast.tracking.openvino_import import leave_out_converter

NO_OPENCV = """\
mocast: OpenCV does not load: {error}
Where mediapipe was installed with all that it asks for, another build of OpenCV took the place of ours. Put it back:
  pip install --force-reinstall --no-deps "opencv-python-headless==4.11.*\""""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the process's exit status."""
    leave_out_converter()
    words = list(sys.argv[1:] if arguments is None else arguments)
    name = words.pop(0) if words else "help"
    if name in ("help", "-h", "--help"):
        print(_usage(), end="")
        return 0
    command = COMMANDS.get(name.removeprefix("--"))
    if command is None:
        print(f'mocast: "{name}" is not a command\n\n{_usage()}', end="", file=sys.stderr)
        return 2
    try:
        return command(words)
    except ImportError as error:
        if error.name != "cv2":
            raise
        print(NO_OPENCV.format(error=error), file=sys.stderr)
        return 1


def _usage() -> str:
    lines = [f"  {name:<10} {' '.join((command.__doc__ or '').split())}" for name, command in COMMANDS.items()]
    return "\n".join(["usage: mocast COMMAND [flags]", "", *lines, ""])


def _serve(flags: list[str]) -> int:
    """take cameras, serve the page and the API (mocast serve --help lists the settings)"""
    settings = serving_settings(flags)
    if settings is None:
        return 2
    # Late, so that a wrong flag or `version` is answered at once.
    from mocast.workers.worker_settings import worker_count  # noqa: PLC0415

    count = worker_count(settings)
    if count == 1:
        return run_server(settings)
    from mocast.workers.parent import serve_by_workers  # noqa: PLC0415

    return run_until_served(settings, lambda: serve_by_workers(settings, flags, count))


def _token(words: list[str]) -> int:
    """print a token for somebody (mocast token --room main --grant publish --ttl 1h)"""
    from mocast.commands.token import make_token, parse_arguments  # noqa: PLC0415

    logs.configure("console", "warning")  # to standard error: what is printed is the token alone
    order, flags = parse_arguments(words)
    settings = read_settings(flags, "token")
    return 2 if settings is None else make_token(order, settings.auth_options)


def _bridge(words: list[str]) -> int:
    """take a room's motion from a server to the apps on this machine (VSeeFace, VTube Studio and others)"""
    from mocast.commands.bridge import bridge  # noqa: PLC0415

    logs.configure("console", "error")  # what happens is told in plain lines
    return bridge(words)


def _keys(words: list[str]) -> int:
    """press keys on this machine for the gestures of a room (mocast keys URL --mapping FILE)"""
    from mocast.commands.keys import keys  # noqa: PLC0415

    logs.configure("console", "error")  # what happens is told in plain lines
    return keys(words)


def _source(words: list[str]) -> int:
    """publish a camera, the screen or a film to a room of a server (mocast source rtsp://... --room studio)"""
    from mocast.commands.source import source  # noqa: PLC0415

    logs.configure("console", "error")  # what happens is told in plain lines
    return source(words)


def _probe(words: list[str]) -> int:
    """measure how late the avatar is on this set-up, from the camera to an app (mocast probe film.mp4)"""
    from mocast.commands.probe import probe  # noqa: PLC0415

    logs.configure("console", "error")  # what happens is told in plain lines
    return probe(words)


def _top(words: list[str]) -> int:
    """show a server's rooms and their figures, live"""
    from mocast.commands.top import top  # noqa: PLC0415

    return top(words)


def _service(words: list[str]) -> int:
    """have systemd run a server for you (mocast service install --port 9000)"""
    from mocast.commands.service import manage, parse_arguments  # noqa: PLC0415

    action, flags = parse_arguments(words)
    settings = read_settings(flags, "service install")
    if settings is None or not may_serve(settings):
        return 2
    return manage(action, settings)


def _completion(words: list[str]) -> int:
    """print a script with which bash, zsh or fish completes commands and flags"""
    from mocast.commands.completion import completion  # noqa: PLC0415

    return completion(words, COMMANDS)


def _process(words: list[str]) -> int:
    """track the person in videos and pictures on disk (mocast process clips/ -o out)"""
    from mocast.jobs.file_task import TrackerChoice  # noqa: PLC0415
    from mocast.jobs.process_command import process  # noqa: PLC0415

    settings = read_settings([], "process")
    if settings is None:
        return 2
    logs.configure("console", "error")  # what happens is told in plain lines
    memory.share_arenas(1)
    memory.return_large_blocks()
    choice = TrackerChoice(
        settings.engine,
        settings.precision,
        settings.device,
        settings.cache_folder,
        settings.face_shapes,
        settings.face_task_path,
    )
    return process(words, choice, settings.exercises_folder)


def _export(words: list[str]) -> int:
    """make animation files (BVH, VRM Animation, VMD, TRC, C3D) of a recording's JSON lines"""
    from mocast.recordings.export.command import main as export  # noqa: PLC0415

    return export(words)


def _compare(words: list[str]) -> int:
    """say how alike a motion is to a reference, from files of landmarks (mocast compare teacher.jsonl me.jsonl)"""
    from mocast.commands.compare import compare  # noqa: PLC0415

    return compare(words)


def _doctor(flags: list[str]) -> int:
    """check that this machine has what Mocast needs, and how fast it tracks"""
    settings = read_settings(flags, "doctor")
    if settings is None:
        return 2
    from mocast.commands.doctor import examine  # noqa: PLC0415

    logs.configure("console", "warning")  # the checks say the rest
    return examine(settings)


def _health(flags: list[str]) -> int:
    """exit with 0 if a server on this machine answers (for container health checks)"""
    settings = read_settings(flags, "health")
    if settings is None:
        return 2
    from mocast.commands.health import health  # noqa: PLC0415

    return health(settings)


def _settings(_: list[str]) -> int:
    """print every setting as a Markdown table"""
    print(settings_table(), end="")
    return 0


def _version(_: list[str]) -> int:
    """print the version"""
    print(__version__)
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "serve": _serve,
    "token": _token,
    "bridge": _bridge,
    "keys": _keys,
    "source": _source,
    "probe": _probe,
    "process": _process,
    "export": _export,
    "compare": _compare,
    "doctor": _doctor,
    "top": _top,
    "health": _health,
    "service": _service,
    "completion": _completion,
    "settings": _settings,
    "version": _version,
}
"""By name. Their docstrings are what ``mocast help`` says."""
