"""The server's outputs, by room; a room is leased as long as it has one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from mocast.errors import Unavailable, Unprocessable
from mocast.model.analysis import Analysis
from mocast.model.principal import EVERYBODY, Principal
from mocast.outputs.destination import Destination, Networks
from mocast.outputs.mapping_file import read_triggers
from mocast.outputs.output import Output, make_output
from mocast.outputs.output_options import OperatorOutput, OutputOptions
from mocast.outputs.triggers import Trigger, Triggers
from mocast.outputs.vts_tokens import Tokens
from mocast.pipeline.fanout import HasStreams
from mocast.pipeline.protocols import Sink

MAX_TOTAL: Final = 64
"""Outputs of all rooms together, each of which is a thread or a connection."""

LOOKUP_TIMEOUT_S: Final = 10.0
MOST_LOOKUPS: Final = 4
"""Host names that are resolved at a time, so that a slow one does not delay the other rooms."""

LeaseRoom = Callable[[str], AbstractContextManager[HasStreams]]
"""Keeps a room, made where it is missing, until the context ends."""


@dataclass(frozen=True, slots=True, eq=False)
class RunningOutput:
    """An output that sends."""

    options: OutputOptions
    output: Output
    owner: str
    "Subject of whoever set it; empty for the operator, and where authentication is off."
    fixed: bool
    "Whether the operator set it: then nobody changes it over the API."
    leave: contextlib.ExitStack
    "Takes the output out of its room, and gives the room back."


class Outputs:
    """Owns every output of the server. Used on the event loop."""

    def __init__(
        self,
        lease: LeaseRoom,
        networks: Networks = (),
        tokens: Tokens | None = None,
        fixed: Sequence[OperatorOutput] = (),
        check: Callable[[str, OutputOptions], None] = lambda room, options: None,
    ) -> None:
        """``check`` raises ``ValueError``, a sentence, where a room may not have an output."""
        self._lease = lease
        self._networks = networks
        self._tokens = tokens or Tokens()
        self._fixed = fixed
        self._check_output = check
        self._by_room: dict[str, tuple[RunningOutput, ...]] = {}
        self._changing = asyncio.Lock()
        self._lookups = ThreadPoolExecutor(MOST_LOOKUPS, "mocast-lookup")

    def of(self, room: str, principal: Principal = EVERYBODY) -> tuple[RunningOutput, ...]:
        """Return a principal's outputs of a room, the operator's first: where an app is, is nobody else's business."""
        return tuple(running for running in self._by_room.get(room, ()) if principal.owns(running.owner, room))

    async def running(self, _: object = None) -> AsyncIterator[None]:
        """Start the operator's own outputs, which may send anywhere, and end all, as a context of an app's life."""
        try:
            for output in self._fixed:
                running = self._start(output.room, output.options, None, triggers=read_triggers(output), vrm=output.vrm)
                self._by_room[output.room] = (*self.of(output.room), running)
            yield
        finally:
            await self.close()

    async def replace(self, room: str, wanted: Sequence[OutputOptions], principal: Principal = EVERYBODY) -> None:
        """Make these the principal's outputs of a room, beside those of others. Those that are running already are not
        restarted, and duplicates of the operator's are left out.

        Raises ``Unprocessable`` where the check refuses one, ``Forbidden`` where one is outside the allowed networks,
        ``OSError`` where a host is unknown, and ``Unavailable`` where the server has no place for more or is shutting
        down; nothing has changed then.
        """
        try:
            for options in wanted:
                self._check_output(room, options)
        except ValueError as error:
            raise Unprocessable(str(error)) from error
        running_already = {running.options for running in self.of(room, principal)}
        await self._check([options for options in wanted if options not in running_already])
        async with self._changing:
            present = [running for running in self.of(room, principal) if not running.fixed]
            staying = tuple(running for running in self.of(room) if running not in present)
            fixed = {running.options for running in staying if running.fixed}
            wanted = tuple(dict.fromkeys(options for options in wanted if options not in fixed))
            if len(self) - len(present) + len(wanted) > MAX_TOTAL:
                raise Unavailable("This server sends to as many apps as it may; try again later.", retry_after_s=60)
            kept = {running.options: running for running in present if running.options in wanted}
            ending = [running for running in present if kept.get(running.options) is not running]
            with contextlib.ExitStack() as undo:
                for options in wanted:
                    if options not in kept:
                        kept[options] = running = self._start(room, options, self._networks, principal.subject)
                        undo.callback(self._end, running)
                undo.pop_all()
            for running in ending:
                self._end(running)
            self._set(room, (*staying, *(kept[options] for options in wanted)))
            await self._ended(ending)

    async def close(self) -> None:
        """End every output."""
        async with self._changing:
            everything = [running for room in self._by_room.values() for running in room]
            self._by_room.clear()
            for running in everything:
                self._end(running)
            await self._ended(everything)
        self._lookups.shutdown(wait=False)

    async def _check(self, wanted: Sequence[OutputOptions]) -> None:
        """Resolve the hosts of new outputs. Running ones are not checked: one whose host is unreachable for a while
        must not prevent a change of the others, and outputs check the networks themselves, before each use."""
        for options in wanted:
            destination = Destination(options.host, options.port, self._networks)
            looking = asyncio.get_running_loop().run_in_executor(self._lookups, destination.resolve)
            try:
                await asyncio.wait_for(looking, LOOKUP_TIMEOUT_S)
            except TimeoutError as error:
                raise TimeoutError(f"nobody answers where {options.host} is") from error

    def __len__(self) -> int:
        return sum(map(len, self._by_room.values()))

    def _set(self, room: str, outputs: tuple[RunningOutput, ...]) -> None:
        if outputs:
            self._by_room[room] = outputs
        else:
            self._by_room.pop(room, None)

    def _start(
        self,
        room: str,
        options: OutputOptions,
        networks: Networks | None,
        owner: str = "",
        *,
        triggers: Sequence[Trigger] = (),
        vrm: Path | None = None,
    ) -> RunningOutput:
        output = make_output(options, self._tokens, networks=networks, triggers=triggers, vrm=vrm)
        with contextlib.ExitStack() as stack:
            streams = stack.enter_context(self._lease(room)).streams
            output.start()
            sinks: dict[str, Sink[Any]] = {"rig": output}
            if output.landmarks is not None:
                sinks["landmarks"] = output.landmarks
            if output.triggers.wants_analyses:
                sinks["analysis"] = _Gestures(output.triggers)
            for name, sink in sinks.items():
                of_person = _OfPerson(sink, options.person)
                streams[name].fanout.add(of_person)
                stack.callback(streams[name].fanout.remove, of_person)
            return RunningOutput(options, output, owner, fixed=networks is None, leave=stack.pop_all())

    @staticmethod
    def _end(running: RunningOutput) -> None:
        running.leave.close()
        running.output.close()

    @staticmethod
    async def _ended(outputs: Sequence[RunningOutput]) -> None:
        await asyncio.gather(*(running.output.wait_closed() for running in outputs))


class _OfPerson:
    """A sink of a stream that passes on what is one person's."""

    def __init__(self, sink: Sink[Any], person: int) -> None:
        self._sink = sink
        self._person = person

    def send(self, item: Any) -> None:
        """Called on the publisher's thread."""
        if item.person == self._person:
            self._sink.send(item)

    def close(self) -> None:
        """Close the sink."""
        self._sink.close()


class _Gestures:
    """A sink of analyses that tells an output's triggers."""

    def __init__(self, triggers: Triggers) -> None:
        self._triggers = triggers

    def send(self, analysis: Analysis) -> None:
        """Called on the publisher's thread."""
        self._triggers.see_analysis(analysis)

    def close(self) -> None:
        """Do nothing: there is nothing to close."""
