"""``mocast bridge``: on the streamer's own machine, takes a room's rigs from a server and gives them to local apps."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from mocast.commands.bridge_inputs import BridgedInputs, add_arguments, inputs_of
from mocast.commands.room_link import (
    ADDRESS_HELP,
    Arguments,
    Changes,
    RoomAddress,
    RoomLink,
    Tell,
    add_room_flags,
    room_address,
    run_until_interrupted,
)
from mocast.inputs.input_options import InputOptions, check_no_loop
from mocast.outputs.gesture_texts import GESTURE_STREAMS, GestureTexts
from mocast.outputs.mapping_file import read_mapping, triggers_for
from mocast.outputs.output import Output, make_output
from mocast.outputs.output_options import (
    KINDS,
    PARTS,
    PORTS,
    SHAPE_NAMES,
    TRACKERS,
    MotionOptions,
    OutputKind,
    OutputOptions,
    parse_options,
    parse_target,
)
from mocast.outputs.status import OutputStatus
from mocast.outputs.triggers import Trigger
from mocast.outputs.vts_tokens import Tokens, default_path
from mocast.rigging.retargeting.avatar_fitter import read_avatar
from mocast.validation import schema_of
from mocast.wire import landmarks_json, rig_json

APPS: Final[dict[OutputKind, str]] = {
    "vmc": "VMC",
    "vts": "VTube Studio",
    "ifacialmocap": "iFacialMocap",
    "livelinkface": "Live Link Face",
    "vrchat": "VRChat",
    "osc": "OSC",
}
LOCAL: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class BridgeArguments:
    """What the command line asks for."""

    address: RoomAddress
    outputs: tuple[OutputOptions, ...]
    triggers: tuple[Trigger, ...] = ()
    "Of the mapping file, for all outputs."
    inputs: tuple[InputOptions, ...] = ()
    vrm: Path | None = None
    "File of the avatar that apps of VMC show."


def parse_arguments(words: Sequence[str]) -> BridgeArguments:
    """Return what to do. Raises ``ValueError`` with a sentence; ``SystemExit`` after ``--help``."""
    given = _parser().parse_args(words)
    said = {name: getattr(given, name) for name in schema_of(MotionOptions).model_fields}
    motion = parse_options({name: text for name, text in said.items() if text is not None}, MotionOptions)
    outputs = [_output(motion, kind, text) for kind in KINDS for text in getattr(given, kind) or ()]
    inputs = inputs_of(given)
    if not outputs and not inputs:
        raise ValueError(f"name an app: {', '.join(f'--{kind}' for kind in KINDS)}")
    for output in outputs:
        check_no_loop(output, inputs)
    address = room_address(given.room, given.token, given.cacert)
    triggers = read_mapping(Path(given.mapping)) if given.mapping else ()
    if triggers and not any(triggers_for(output.kind, triggers) for output in outputs):
        raise ValueError(f"{given.mapping}: no trigger does anything to {' or '.join(_kinds(outputs))}.")
    vrm = Path(given.vrm) if given.vrm else None
    if vrm is not None:
        if "vmc" not in _kinds(outputs):
            raise ValueError("Only --vmc is sent for an avatar: --vrm is for none of these apps.")
        read_avatar(vrm)
    return BridgeArguments(address, tuple(dict.fromkeys(outputs)), triggers, inputs, vrm)


def _parser() -> Arguments:
    parser = Arguments(
        "mocast bridge",
        description="Takes a room's avatar motion from a Mocast server to the apps on this machine, until Ctrl-C.",
        epilog=f"The permission that VTube Studio's user gives is kept in {default_path()}.",
    )
    parser.add_argument("room", metavar="URL", help=ADDRESS_HELP)
    for kind in KINDS:
        parser.add_argument(
            f"--{kind}",
            metavar="HOST:PORT",
            nargs="?",
            action="append",
            const=f"{LOCAL}:{PORTS[kind]}",
            help=f"send to {APPS[kind]} (by itself: {LOCAL}:{PORTS[kind]}); may be given more than once",
        )
    add_arguments(parser)
    values = {
        "parts": ",".join(PARTS),
        "names": "|".join(SHAPE_NAMES),
        "trackers": ",".join(TRACKERS),
        "height": "METRES",
        "prefix": "NAME",
        "person": "INDEX",
    }
    for name, option in schema_of(MotionOptions).model_fields.items():
        is_flag: dict[str, Any] = {"action": "store_const", "const": "true"}
        takes = {"metavar": values[name]} if name in values else is_flag
        parser.add_argument(f"--{name}", help=option.description, **takes)
    parser.add_argument(
        "--mapping", metavar="FILE", help="gestures and expressions that trigger hotkeys (vts) and blend shapes (vmc)"
    )
    parser.add_argument(
        "--vrm", metavar="FILE", help="the avatar that the app shows: its hands are put where yours are (vmc)"
    )
    add_room_flags(parser)
    return parser


def _kinds(outputs: Iterable[OutputOptions]) -> list[str]:
    return sorted({output.kind for output in outputs})


def _output(motion: MotionOptions, kind: OutputKind, text: str) -> OutputOptions:
    try:
        host, port = parse_target(text, kind)
    except ValueError as error:
        raise ValueError(f"--{kind}: {error} The room's address comes before the apps.") from error
    return OutputOptions(kind, host, port, **asdict(motion))


class Bridge:
    """Receives one room's rigs and forwards them to the apps; reconnects when either end was gone."""

    def __init__(self, arguments: BridgeArguments, tell: Tell, tokens: Tokens) -> None:
        self._tell = tell
        self._person = arguments.outputs[0].person if arguments.outputs else 0
        "Whose motion: the same for all outputs."
        self._link = RoomLink(arguments.address, tell)
        self._inputs = BridgedInputs(arguments.inputs, arguments.address, tell)
        self._outputs: list[Output] = [
            make_output(
                options,
                tokens,
                watch=self._watch(options),
                triggers=triggers_for(options.kind, arguments.triggers),
                vrm=arguments.vrm if options.kind == "vmc" else None,
            )
            for options in arguments.outputs
        ]

    async def run(self) -> None:
        """Work until cancelled."""
        for output in self._outputs:
            output.start()
        triggers = [output.triggers for output in self._outputs if output.triggers.wants_analyses]
        people = self._person + 1
        try:
            async with self._link.connected() as client, asyncio.TaskGroup() as tasks:
                tasks.create_task(self._inputs.run(client))
                if self._outputs:
                    tasks.create_task(self._link.read(client, "rig", self._forward, people=people))
                if any(output.landmarks is not None for output in self._outputs):
                    tasks.create_task(self._link.read(client, "landmarks", self._forward_landmarks, people=people))
                if triggers:
                    texts = GestureTexts(triggers, self._person)
                    tasks.create_task(self._link.read(client, GESTURE_STREAMS, texts.take, each=True, people=people))
        finally:
            for output in self._outputs:
                output.close()
            await asyncio.gather(*(output.wait_closed() for output in self._outputs))

    def _forward(self, text: str) -> bool:
        """Give a rig to the apps; return whether the text is one."""
        rig = rig_json.decode(text)
        if rig is not None and rig.person == self._person:
            for output in self._outputs:
                output.send(rig)
        return rig is not None

    def _forward_landmarks(self, text: str) -> bool:
        """Give landmarks to the apps that take them; return whether the text is such."""
        tracked = landmarks_json.decode(text)
        if tracked is not None and tracked.person == self._person:
            for output in self._outputs:
                if output.landmarks is not None:
                    output.landmarks.send(tracked)
        return tracked is not None

    def _watch(self, options: OutputOptions) -> Callable[[OutputStatus], None]:
        address = f"{APPS[options.kind]} {options.host}:{options.port}"

        def told(status: OutputStatus) -> None:
            if status.state not in ("idle", "stopped"):
                self._tell(address, f"{status.state}{f' ({status.detail})' if status.detail else ''}")

        return told


def bridge(words: Sequence[str]) -> int:
    """Run the command; return the process's exit status."""
    try:
        arguments = parse_arguments(words)
    except ValueError as error:
        print(f"mocast bridge: {error}", file=sys.stderr)
        return 2
    try:
        run_until_interrupted(_run(arguments))
    except ExceptionGroup as group:
        failed: BaseException | None = group.subgroup(OSError)  # a port that is taken
        if failed is None:
            raise
        while isinstance(failed, BaseExceptionGroup):
            failed = failed.exceptions[0]
        assert isinstance(failed, OSError)
        told = f"{failed.filename}: {failed.strerror}" if failed.filename else failed
        print(f"mocast bridge: {told}", file=sys.stderr)
        return 1
    return 0


async def _run(arguments: BridgeArguments) -> None:
    await Bridge(arguments, Changes(), Tokens(default_path())).run()
