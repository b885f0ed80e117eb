"""Makes an output from its choices: the kind is looked up in a table and imported when it is first wanted."""

from collections.abc import Callable
from importlib import import_module
from typing import Final, Protocol, cast

from mocast.model.rig import Rig
from mocast.sinks.choices import Kind, OutputChoices
from mocast.sinks.destination import Destination, Networks
from mocast.sinks.tally import Status, Tally, Watch
from mocast.sinks.vts_tokens import Tokens

MAKERS: Final[dict[Kind, str]] = {
    "vmc": "mocast.sinks.vmc:make",
    "vts": "mocast.sinks.vts:make",
    "ifacialmocap": "mocast.sinks.ifacialmocap:make",
}


class Output(Protocol):
    """A sink of rigs that leads to an app."""

    @property
    def status(self) -> Status:
        """The present state and figures."""

    def start(self) -> None:
        """Begin to send. Called on the event loop."""

    def send(self, rig: Rig, /) -> None:
        """Take a rig without blocking, on any thread."""

    def close(self) -> None:
        """Send nothing more; does not wait."""

    async def wait_closed(self) -> None:
        """Wait, once closed, until nothing of it is left."""


Maker = Callable[[OutputChoices, Destination, Tally, Tokens], Output]


def make_output(
    choices: OutputChoices, tokens: Tokens, *, networks: Networks | None = None, watch: Watch | None = None
) -> Output:
    """Return an output that is not started yet; ``networks`` are those that it may send to (``None``: any).

    Called on the event loop.
    """
    destination = Destination(choices.host, choices.port, networks)
    module, name = MAKERS[choices.kind].split(":")
    maker = cast(Maker, getattr(import_module(module), name))
    return maker(choices, destination, Tally(f"{choices.kind} {destination}", watch), tokens)
