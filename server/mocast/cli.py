"""The command line: ``mocast serve | token | bridge | keys | process | export | doctor | top | health | ...``."""

import asyncio
import difflib
import errno
import os
import ssl
import sys
import urllib.request
from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_settings import CliApp, SettingsError

from mocast import __version__, logs, memory
from mocast.errors import TrackingError
from mocast.hosts import bracketed
from mocast.settings.settings import Settings
from mocast.settings.settings_table import settings_table
from mocast.settings.unknown_variables import unknown_variables

if TYPE_CHECKING:
    from mocast.cluster.worker_place import WorkerPlace

OPEN = "mocast: {host} lets other machines in, and nobody is asked for a token: add --auth token, or --insecure"

NO_OPENCV = """\
mocast: OpenCV does not load: {error}
Where mediapipe was installed with all that it asks for, another build of OpenCV took the place of ours. Put it back:
  pip install --force-reinstall --no-deps "opencv-python-headless==4.11.*\""""


def without_openvino_converter() -> None:
    """Have ``import openvino`` leave out its converter of other frameworks' models, where nothing has imported it yet.

    It takes half of the import's time, is not needed here, and reports its import to its maker where the package
    openvino-telemetry is installed. OpenVINO does without it where it is missing.
    """
    sys.modules.setdefault("openvino.tools.ovc", None)  # type: ignore[arg-type]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the process's exit status."""
    without_openvino_converter()
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
    from mocast.worker_settings import worker_count  # noqa: PLC0415

    count = worker_count(settings)
    return run_server(settings) if count == 1 else _serve_by_workers(settings, flags, count)


def serving_settings(flags: Sequence[str]) -> Settings | None:
    """Return the settings to serve with, logs configured; ``None`` after saying why it may not be done."""
    settings = _read_settings(list(flags), "serve")
    if settings is None or not _may_serve(settings):
        return None
    logs.configure(settings.log_format, settings.log_level)
    return settings


def run_server(
    settings: Settings,
    place: "WorkerPlace | None" = None,
    until: Callable[[], Coroutine[Any, Any, object]] | None = None,
) -> int:
    """Serve in this process; return the exit status. ``place`` and ``until``: as ``app.serve`` has them."""
    memory.return_large_blocks()
    from mocast.app import serve  # noqa: PLC0415

    return _run(settings, lambda: serve(settings, place, until))


def _serve_by_workers(settings: Settings, flags: Sequence[str], count: int) -> int:
    from mocast.workers import serve_by_workers  # noqa: PLC0415

    return _run(settings, lambda: serve_by_workers(settings, flags, count))


def _run(settings: Settings, serve: Callable[[], Coroutine[Any, Any, int | None]]) -> int:
    """Run what serves; say why it cannot."""
    from mocast.auth.setup import SetupError  # noqa: PLC0415

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            return runner.run(serve()) or 0
    except (TrackingError, SetupError) as error:  # of what the settings name, before anything is served
        print(f"mocast: cannot serve: {error}", file=sys.stderr)
        return 1
    except OSError as error:
        # Of what asyncio says of a port in use, half is about addresses that the flags already name.
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else error.strerror or str(error)
        at = error.filename or f"{bracketed(settings.host)}:{settings.port}"
        helps = " (--port PORT names another one)" if number == errno.EADDRINUSE else ""
        print(f"mocast: cannot serve: {at}: {reason}{helps}", file=sys.stderr)
        return 1


def _may_serve(settings: Settings) -> bool:
    """Whether strangers are asked for something, or need not be; says so where it is not."""
    if settings.is_open and not settings.insecure:
        print(OPEN.format(host=", ".join(settings.reached_at)), file=sys.stderr)
        return False
    return True


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop: uvloop, or ``None`` for asyncio's own where there is none, as on Windows."""
    try:
        import uvloop  # noqa: PLC0415
    except ImportError:
        return None
    return uvloop.new_event_loop


def _token(words: list[str]) -> int:
    """print a token for somebody (mocast token --room main --grant publish --ttl 1h)"""
    from mocast.auth.token_command import make_token, parse_arguments  # noqa: PLC0415

    logs.configure("console", "warning")  # to standard error: what is printed is the token alone
    order, flags = parse_arguments(words)
    settings = _read_settings(flags, "token")
    return 2 if settings is None else make_token(order, settings.auth_options)


def _bridge(words: list[str]) -> int:
    """take a room's motion from a server to the apps on this machine (VSeeFace, VTube Studio and others)"""
    from mocast.bridge import bridge  # noqa: PLC0415

    logs.configure("console", "error")  # what happens is told in plain lines
    return bridge(words)


def _keys(words: list[str]) -> int:
    """press keys on this machine for the gestures of a room (mocast keys URL --mapping FILE)"""
    from mocast.keys.keys_command import keys  # noqa: PLC0415

    logs.configure("console", "error")  # what happens is told in plain lines
    return keys(words)


def _source(words: list[str]) -> int:
    """publish a camera, the screen or a film to a room of a server (mocast source rtsp://... --room studio)"""
    from mocast.source_command import source  # noqa: PLC0415

    logs.configure("console", "error")  # what happens is told in plain lines
    return source(words)


def _probe(words: list[str]) -> int:
    """measure how late the avatar is on this set-up, from the camera to an app (mocast probe film.mp4)"""
    from mocast.probe_command import probe  # noqa: PLC0415

    logs.configure("console", "error")  # what happens is told in plain lines
    return probe(words)


def _top(words: list[str]) -> int:
    """show a server's rooms and their figures, live"""
    from mocast.top import top  # noqa: PLC0415

    return top(words)


def _service(words: list[str]) -> int:
    """have systemd run a server for you (mocast service install --port 9000)"""
    from mocast.service import manage, parse_arguments  # noqa: PLC0415

    action, flags = parse_arguments(words)
    settings = _read_settings(flags, "service install")
    if settings is None or not _may_serve(settings):
        return 2
    return manage(action, settings)


def _completion(words: list[str]) -> int:
    """print a script with which bash, zsh or fish completes commands and flags"""
    from mocast.completion import completion  # noqa: PLC0415

    return completion(words, COMMANDS)


def _process(words: list[str]) -> int:
    """track the person in videos and pictures on disk (mocast process clips/ -o out)"""
    from mocast.jobs.file_task import TrackerChoice  # noqa: PLC0415
    from mocast.jobs.process_command import process  # noqa: PLC0415

    settings = _read_settings([], "process")
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
    from mocast.compare_command import compare  # noqa: PLC0415

    return compare(words)


def _doctor(flags: list[str]) -> int:
    """check that this machine has what Mocast needs, and how fast it tracks"""
    settings = _read_settings(flags, "doctor")
    if settings is None:
        return 2
    from mocast.doctor import examine  # noqa: PLC0415

    logs.configure("console", "warning")  # the checks say the rest
    return examine(settings)


def _health(flags: list[str]) -> int:
    """exit with 0 if a server on this machine answers (for container health checks)"""
    settings = _read_settings(flags, "health")
    if settings is None:
        return 2
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    host = bracketed(everywhere.get(settings.host, settings.host))
    try:
        # The certificate need not be for the address at which a server asks itself.
        scheme, tls = ("https", ssl._create_unverified_context()) if settings.tls_files else ("http", None)
        with urllib.request.urlopen(f"{scheme}://{host}:{settings.port}/healthz", timeout=3, context=tls) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        reason = getattr(error, "reason", error)  # of what urllib wraps
        print(
            f"mocast: no answer on port {settings.port}: {getattr(reason, 'strerror', None) or reason}", file=sys.stderr
        )
        return 1


def _settings(_: list[str]) -> int:
    """print every setting as a Markdown table"""
    print(settings_table(), end="")
    return 0


def _version(_: list[str]) -> int:
    """print the version"""
    print(__version__)
    return 0


def _read_settings(flags: list[str], command: str) -> Settings | None:
    """Settings from flags, then the environment; ``None`` after printing what is wrong with them."""
    unknown = unknown_variables(os.environ)
    for sentence in unknown:
        print(f"mocast: {sentence}", file=sys.stderr)
    if unknown:
        return None
    try:
        settings: Settings = CliApp.run(_named(command), cli_args=flags)
    except ValidationError as error:
        for problem in error.errors():
            name = ".".join(str(part) for part in problem["loc"]).replace("_", "-")
            told = problem["msg"].removeprefix("Value error, ")  # which pydantic begins a validator's own sentence with
            print(f"mocast: {'--' + name + ': ' if name else ''}{told}", file=sys.stderr)
        return None
    except SettingsError as error:
        print(f"mocast {command}: {_flag_error(str(error))} mocast {command} --help lists all flags.", file=sys.stderr)
        return None
    return settings


def _flag_error(told: str) -> str:
    """What argparse says is wrong with the flags; of those that there are not, with the nearest that there are."""
    told = told.removeprefix("error parsing CLI: ")
    unknown = told.removeprefix("unrecognized arguments: ")
    if unknown == told:
        return f"{told}."
    known = [f"--{name.replace('_', '-')}" for name in Settings.model_fields]
    nearest = [
        near for word in unknown.split() for near in difflib.get_close_matches(word.partition("=")[0], known, n=1)
    ]
    return f"{told}." + (f" Did you mean {' and '.join(nearest)}?" if nearest else "")


def _named(command: str) -> type[Settings]:
    """The settings under the name that ``--help`` shows."""
    return type(
        "Settings",
        (Settings,),
        {
            "__doc__": Settings.__doc__,
            "model_config": {
                **Settings.model_config,
                "cli_prog_name": f"mocast {command}",
                "cli_exit_on_error": False,
            },
        },
    )


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
