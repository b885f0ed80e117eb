"""``mocast source``: publishes a camera, the screen or a film to a room of a server, here or elsewhere."""

import argparse
import asyncio
import ssl
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mocast.client import MocastClient, MocastError
from mocast.client.refusals import CameraFault
from mocast.commands.room_link import add_server_flags, flag_hint, run_until_interrupted
from mocast.model.options import ROOM_NAME, ROOM_NAME_RULE
from mocast.retry_delays import RetryDelays
from mocast.sources.camera_address import CameraAddress, CameraOptions, parse_camera, read_camera_options
from mocast.sources.camera_frame_source import CameraFrameSource
from mocast.sources.camera_reader import LONGEST_DELAY_S, CameraReader
from mocast.sources.opened_camera import CameraError
from mocast.trust import trusting
from mocast.validation import schema_of


@dataclass(frozen=True, slots=True)
class SourceArguments:
    """What the command line asks for."""

    camera: CameraAddress
    room: str
    options: Mapping[str, str]
    "Of the session, as the server takes them."
    server: str
    token: str | None = field(default=None, repr=False)
    tls: ssl.SSLContext | None = field(default=None, compare=False)
    "What trusts the server's certificate; ``None``: as the system does."


def parse_arguments(words: Sequence[str]) -> SourceArguments:
    """Return what to do. Raises ``ValueError`` with a sentence; ``SystemExit`` where a flag is wrong."""
    parser = argparse.ArgumentParser(
        "mocast source",
        description="Publishes a camera, this machine's screen or a film to a room of a Mocast server, until Ctrl-C.",
    )
    parser.add_argument(
        "camera",
        metavar="CAMERA",
        help="rtsp://USER:PASSWORD@HOST/PATH, http://..., /dev/video0, screen or a file; the session's options may "
        "follow it: 'rtsp://...#privacy=blur&tracker=pose'",
    )
    parser.add_argument("--room", metavar="NAME", default="main", help="where to publish (default: %(default)s)")
    add_server_flags(parser)
    fields = schema_of(CameraOptions).model_fields
    for name, option in fields.items():
        takes: dict[str, Any] = {"metavar": name.upper()} if option.default is not False else {}
        takes |= {} if takes else {"action": "store_const", "const": "true"}
        parser.add_argument(f"--{name}", help=option.description, **takes)
    given = parser.parse_args(words)
    if not ROOM_NAME.fullmatch(given.room):
        raise ValueError(ROOM_NAME_RULE)
    camera, options = parse_camera(given.camera)
    options |= {name: getattr(given, name) for name in fields if getattr(given, name) is not None}
    own = {name: options.pop(name) for name in fields if name in options}
    camera = read_camera_options(camera, own)
    return SourceArguments(camera, given.room, options, given.server, given.token, trusting(given.cacert))


async def publish(arguments: SourceArguments) -> None:
    """Publish the camera, and again when it was gone; return when a film has ended.

    Raises ``MocastError`` where the server does not take it, ``CameraError`` or ``CameraFault`` where it is a film that
    cannot be read, ``ValueError`` where the server's address is none.
    """
    delays = RetryDelays(LONGEST_DELAY_S)
    server, token = arguments.server, arguments.token
    async with MocastClient(server, token=token, tls=arguments.tls, on_connection=_on_connection) as client:
        while True:
            reader = CameraReader(arguments.camera)
            try:
                camera = CameraFrameSource(reader, await reader.open())
                async with client.publish(camera, arguments.room, **arguments.options) as publication:
                    how = "H.264 as it comes" if camera.codec_name else "encoded anew"
                    _say(f"{arguments.camera.name}: live in room {arguments.room}, {how}")
                    delays.reset()
                    await publication.wait()
            except (CameraError, CameraFault) as error:
                if arguments.camera.kind == "file":
                    raise
                _say(f"{arguments.camera.name}: {str(error).rstrip('.')}; trying again")
            else:
                return
            finally:
                reader.stop()
            await asyncio.sleep(delays.next_s())


def source(words: Sequence[str]) -> int:
    """Run the command; return the process's exit status."""
    try:
        arguments = parse_arguments(words)
        run_until_interrupted(publish(arguments))
    except ValueError as error:
        print(f"mocast source: {error}", file=sys.stderr)
        return 2
    except CameraError as error:
        print(f"mocast source: {arguments.camera.name}: {error}", file=sys.stderr)
        return 1
    except MocastError as error:
        print(f"mocast source: {error}{flag_hint(error)}", file=sys.stderr)
        return 1
    return 0


def _on_connection(error: MocastError | None) -> None:
    if error is not None:
        _say(f"{error}{flag_hint(error)} Trying again.")


def _say(text: str) -> None:
    print(text, flush=True)
