"""Makes an output from its options: the kind is looked up in a table and imported when it is first wanted."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final, Protocol, cast

from mocast.model.rig import Rig
from mocast.model.tracked import Tracked
from mocast.outputs.destination import Destination, Networks
from mocast.outputs.output_options import OutputKind, OutputOptions
from mocast.outputs.status import OutputStatus, StatusRecorder, Watch
from mocast.outputs.triggers import Trigger, Triggers
from mocast.outputs.vts_tokens import Tokens
from mocast.pipeline.protocols import Sink

MAKERS: Final[dict[OutputKind, str]] = {
    "vmc": "mocast.outputs.vmc:make",
    "vts": "mocast.outputs.vts:make",
    "ifacialmocap": "mocast.outputs.ifacialmocap:make",
    "livelinkface": "mocast.outputs.live_link_face:make",
    "vrchat": "mocast.outputs.vrchat:make",
    "osc": "mocast.outputs.osc:make",
}


class Output(Protocol):
    """A sink of rigs that leads to an app."""

    @property
    def triggers(self) -> Triggers:
        """What gestures and expressions do to the app. The output tells them of rigs, its owner of analyses."""

    @property
    def landmarks(self) -> Sink[Tracked] | None:
        """What takes landmarks, without blocking and on any thread; ``None`` where the app gets none."""

    @property
    def status(self) -> OutputStatus:
        """The status now."""

    def start(self) -> None:
        """Begin to send. Called on the event loop."""

    def send(self, rig: Rig, /) -> None:
        """Take a rig without blocking, on any thread."""

    def close(self) -> None:
        """Send nothing more; does not wait."""

    async def wait_closed(self) -> None:
        """Wait, once closed, until nothing of it is left."""


Maker = Callable[[OutputOptions, Destination, StatusRecorder, Tokens, Sequence[Trigger]], Output]


def make_output(
    options: OutputOptions,
    tokens: Tokens,
    *,
    networks: Networks | None = None,
    watch: Watch | None = None,
    triggers: Sequence[Trigger] = (),
    vrm: Path | None = None,
) -> Output:
    """Return an output that is not started yet; ``networks`` are those that it may send to (``None``: any).

    ``vrm``: the avatar that rigs are fitted to, of VMC alone. Called on the event loop. Raises ``ValueError`` where the
    avatar cannot be read.
    """
    if vrm is not None and options.kind != "vmc":
        raise ValueError(f"{options.kind} is sent for no avatar: only vmc takes a vrm.")
    destination = Destination(options.host, options.port, networks)
    module, name = MAKERS[options.kind].split(":")
    make = getattr(import_module(module), name)
    maker = cast(Maker, make if vrm is None else partial(make, avatar=vrm))
    return maker(options, destination, StatusRecorder(f"{options.kind} {destination}", watch), tokens, triggers)
