"""Drives a Live2D model in VTube Studio: asks for permission, declares our parameters and injects their values.

Reconnects without end: VTube Studio may start later, be restarted, or revoke the permission.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import aiohttp
import structlog
from yarl import URL

from mocast.errors import Forbidden
from mocast.model.mirror import mirrored
from mocast.model.rig import Rig
from mocast.outputs.destination import Destination
from mocast.outputs.output_options import PARTS, OutputOptions, RigPart
from mocast.outputs.status import OutputStatus, StatusRecorder
from mocast.outputs.triggers import Trigger, Triggers
from mocast.outputs.vts_api import ApiError, ErrorId, VtsApi
from mocast.outputs.vts_parameters import BODY_PARAMETERS, SHAPE_PARAMETERS, VtsParameters
from mocast.outputs.vts_permission import PLUGIN, VtsPermission
from mocast.outputs.vts_tokens import Tokens
from mocast.pipeline.bounded_queue import BoundedQueue
from mocast.pipeline.slot import LatestSlot, in_loop
from mocast.retry_delays import RetryDelays

CONNECT_TIMEOUT_S: Final = 5.0
CLOSE_S: Final = 1.0
"""Longest wait for VTube Studio's close frame."""
KEEP_ALIVE_S: Final = 0.8
"""VTube Studio drops an injected value that is not sent again within a second."""
HEARTBEAT_S: Final = 20.0

MOST_HOTKEYS: Final = 32
"""As many as VTube Studio's own queue holds."""
HOTKEY_KEEP_S: Final = 2.0
"""A hotkey that could not be triggered for this long is dropped: the moment has passed."""

EXPLANATION: Final = "Sent by Mocast."
CUSTOM_RANGES: Final = dict.fromkeys(SHAPE_PARAMETERS, (0, 1)) | dict.fromkeys(BODY_PARAMETERS, (-30, 30))
"""Our custom parameters with their ranges, from which a new mapping in VTube Studio starts."""

log = structlog.get_logger(__name__)


def make(
    options: OutputOptions,
    destination: Destination,
    recorder: StatusRecorder,
    tokens: Tokens,
    triggers: Sequence[Trigger],
) -> "VtsOutput":
    """Return the output for these options; see ``mocast.outputs.output``."""
    return VtsOutput(destination, recorder, tokens, parts=options.parts, mirror=options.mirror, triggers=triggers)


class VtsOutput:
    """A sink of rigs that keeps one connection alive, in a task of its own on the loop that it was made on."""

    landmarks: None = None

    def __init__(
        self,
        destination: Destination,
        recorder: StatusRecorder,
        tokens: Tokens,
        *,
        parts: Iterable[RigPart] = PARTS,
        mirror: bool = False,
        triggers: Iterable[Trigger] = (),
    ) -> None:
        self.triggers = Triggers(triggers, self._trigger_changed)
        self._destination = destination
        self._recorder = recorder
        self._permission = VtsPermission(str(destination), recorder, tokens)
        self._parameters = VtsParameters(parts)
        self._mirror = mirror
        self._loop = asyncio.get_running_loop()
        self._arrived = asyncio.Event()
        self._rigs: LatestSlot[Rig] = LatestSlot(in_loop(self._arrived.set))
        self._hotkeys: BoundedQueue[tuple[str, float]] = BoundedQueue(MOST_HOTKEYS, in_loop(self._arrived.set))
        "Hotkeys to trigger, and when each was wanted, on the loop's clock."
        self._values: dict[str, float] = {}
        self._task: asyncio.Task[None] | None = None
        # Of its own, as a name may take long to look up, and the loop's own threads encode video.
        self._lookups = ThreadPoolExecutor(1, "mocast-lookup")

    @property
    def status(self) -> OutputStatus:
        """The status now."""
        return self._recorder.status

    def start(self) -> None:
        """Begin to connect."""
        self._task = self._loop.create_task(self._run(), name=f"vts {self._destination}")

    def send(self, rig: Rig) -> None:
        """Leave a rig to the task; one that still waited is dropped and counted. Called on any thread."""
        self.triggers.see_rig(rig)
        if self._rigs.put(rig):
            self._recorder.dropped()

    def _trigger_changed(self, trigger: Trigger, is_on: bool) -> None:
        """Called on any thread."""
        hotkey = trigger.hotkey if is_on else trigger.hotkey_end
        if hotkey is not None:
            self._hotkeys.put((hotkey, self._loop.time()))

    def close(self) -> None:
        """Send nothing more; does not wait. Called on any thread."""
        if self._task is not None:
            with contextlib.suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._task.cancel)

    async def wait_closed(self) -> None:
        """Wait, once closed, until nothing of the connection is left."""
        if self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        delays = RetryDelays()
        try:
            async with aiohttp.ClientSession() as http:
                while True:
                    if await self._converse(http):
                        delays.reset()
                    await asyncio.sleep(delays.next_s())
        except Exception:
            log.exception("output failed", to=str(self._destination))
        finally:
            self._lookups.shutdown(wait=False)
            self._recorder.set_state("stopped")

    async def _converse(self, http: aiohttp.ClientSession) -> bool:
        """Run one connection until it ends; return whether values could be sent on it."""
        ready = False
        try:
            async with self._connection(http) as api:
                await self._permission.authenticate(api)
                known = await self._declare(api)
                ready = True
                await self._inject(api, known)
        except Forbidden as error:
            self._recorder.add_error("not allowed", str(error))
        except ApiError as error:
            await self._refused(error)
        except ConnectionResetError as error:
            self._recorder.add_error("unreachable", f"{error} at {self._destination}")
        except (KeyError, TypeError, ValueError, AttributeError):
            self._recorder.add_error("unreachable", f"what answers at {self._destination} is no VTube Studio")
        except (aiohttp.ClientError, OSError, TimeoutError):
            hint = 'is it running, and "Start API" on in its settings?'
            self._recorder.add_error("unreachable", f"no answer from VTube Studio at {self._destination}; {hint}")
        return ready

    async def _refused(self, error: ApiError) -> None:
        match error.error_id:
            case ErrorId.DENIED | ErrorId.NOT_AUTHENTICATED:
                await self._permission.forget()
                self._recorder.add_error("connecting", "VTube Studio took its permission back; it is asked again")
            case ErrorId.API_SWITCHED_OFF:
                self._recorder.add_error("unreachable", f'switch "Start API" on in VTube Studio at {self._destination}')
            case _:
                self._recorder.add_error("unreachable", f"VTube Studio refuses: {error}")

    @contextlib.asynccontextmanager
    async def _connection(self, http: aiohttp.ClientSession) -> AsyncIterator[VtsApi]:
        """Raises ``OSError``, ``Forbidden``, ``TimeoutError`` and ``aiohttp.ClientError``."""
        if self.status.state == "idle":
            self._recorder.set_state("connecting", f"to VTube Studio at {self._destination}")
        address = await self._loop.run_in_executor(self._lookups, self._destination.resolve)
        url = URL.build(scheme="ws", host=address.host, port=self._destination.port, path="/")
        async with asyncio.timeout(CONNECT_TIMEOUT_S):
            socket = await http.ws_connect(
                url, heartbeat=HEARTBEAT_S, timeout=aiohttp.ClientWSTimeout(ws_close=CLOSE_S)
            )
        try:
            yield VtsApi(socket)
        finally:
            await socket.close()

    async def _declare(self, api: VtsApi) -> frozenset[str]:
        """Create our parameters where they are missing; return the names of all that may be injected.

        What VTube Studio does not have is left out, as one unknown name makes it refuse all of them: an older version
        lacks some of its own, and there is a limit to custom ones.
        """
        known = await api.request("InputParameterListRequest")
        own = {parameter["name"] for parameter in known.get("defaultParameters", [])}
        ours = {
            parameter["name"]
            for parameter in known.get("customParameters", [])
            if parameter.get("addedBy") == PLUGIN["pluginName"]
        }
        for name in CUSTOM_RANGES.keys() - ours:
            lowest, highest = CUSTOM_RANGES[name]
            wanted = {"parameterName": name, "explanation": EXPLANATION, "min": lowest, "max": highest}
            try:
                await api.request("ParameterCreationRequest", wanted | {"defaultValue": 0})
            except ApiError as error:
                if not ErrorId.FIRST_OF_CREATION <= error.error_id <= ErrorId.LAST_OF_CREATION:
                    raise
                log.warning("VTube Studio does not take a parameter", parameter=name, reason=str(error))
            else:
                ours.add(name)
        return frozenset(own | ours)

    async def _inject(self, api: VtsApi, known: frozenset[str]) -> None:
        """Send the values of each rig, and the last ones again where none comes, until the connection ends."""
        self._recorder.set_state("connected")
        while True:
            rig = await self._next()
            await self._trigger_hotkeys(api)
            if rig is not None:
                values = self._parameters.of(mirrored(rig) if self._mirror else rig)
                self._values = {name: value for name, value in values.items() if name in known}
            if not self._values:
                await api.request("APIStateRequest")  # nothing to say yet: whether it is still there
                continue
            try:
                await api.request(
                    "InjectParameterDataRequest",
                    {
                        "faceFound": rig is not None and rig.found.face,
                        "mode": "set",
                        "parameterValues": [{"id": name, "value": value} for name, value in self._values.items()],
                    },
                )
            except ApiError as error:
                if error.error_id != ErrorId.CONTROLLED_BY_ANOTHER:
                    raise
                self._recorder.add_error("connected", f"another plugin holds the same parameters: {error}")
                continue
            if rig is not None:
                self._recorder.sent()
            self._recorder.set_state("connected")

    async def _trigger_hotkeys(self, api: VtsApi) -> None:
        """Trigger the hotkeys that wait. One that VTube Studio refuses is told of, and is no reason to disconnect."""
        while (waiting := self._hotkeys.take()) is not None:
            hotkey, wanted_at_s = waiting
            if self._loop.time() - wanted_at_s > HOTKEY_KEEP_S:
                self._recorder.add_error("connected", f'hotkey "{hotkey}" was dropped: VTube Studio was away too long')
                continue
            try:
                await api.request("HotkeyTriggerRequest", {"hotkeyID": hotkey})
            except ApiError as error:
                if not ErrorId.FIRST_OF_HOTKEYS <= error.error_id <= ErrorId.LAST_OF_HOTKEYS:
                    raise
                self._recorder.add_error("connected", f'VTube Studio does not trigger hotkey "{hotkey}": {error}')

    async def _next(self) -> Rig | None:
        """The newest rig; ``None`` where a hotkey is to be triggered, or none comes in time."""
        try:
            async with asyncio.timeout(KEEP_ALIVE_S):
                while (rig := self._rigs.take()) is None and not len(self._hotkeys):
                    await self._arrived.wait()
                    self._arrived.clear()
                return rig
        except TimeoutError:
            self.triggers.tick()
            return None
