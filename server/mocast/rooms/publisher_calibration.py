"""The calibrations of a publisher's people: measured on request, or sent by a client that has one from before."""

import asyncio
import functools
from collections.abc import Callable
from typing import Any, Final, Protocol, TypeVar

from mocast.errors import Conflict, Unprocessable
from mocast.model.options import CalibrateRequest, CalibrationRequest, RigOptions
from mocast.pipeline.protocols import Rigger
from mocast.rigging.calibration.calibration import Calibration
from mocast.rooms.room import Room
from mocast.rooms.session import require_live
from mocast.validation import read_json

CALIBRATION_GRACE_S: Final = 3.0
"""How much longer than asked a calibration may take: faces turn away, and frames may be few."""

T = TypeVar("T")


class LiveRigger(Rigger, Protocol):
    """A rigger whose options may change while it works, from any thread."""

    options: RigOptions

    def calibration_of(self, person: int) -> Calibration | None:
        """Return a person's calibration."""

    def replace_calibration(self, person: int, calibration: Calibration | None) -> None:
        """Use a calibration for a person, or none."""

    def calibrate(self, seconds: float, t_pose: bool, person: int, *, on_done: Callable[[Calibration], None]) -> None:
        """Begin to measure a person. Raises ``Conflict`` where that runs already, or no face is seen.

        ``on_done`` is called on the rig's thread, when the person was seen for long enough and is measured.
        """

    def stop_calibrating(self) -> None:
        """Stop measuring. Does nothing where no calibration runs."""


class PublisherCalibration:
    """The calibrations of one publisher's rigger, as the API and the channel ``control`` have it. On the event loop."""

    def __init__(self, rigger: LiveRigger, room: Room, ending: asyncio.Event) -> None:
        """``ending``: set when the session ends."""
        self._rigger = rigger
        self._room = room
        self._ending = ending
        self._is_measuring = False

    def to_json(self, person: int = 0) -> dict[str, Any] | None:
        """Return a person's calibration as JSON; ``None`` where there is none."""
        calibration = self._rigger.calibration_of(person)
        return calibration.to_json() if calibration else None

    def replace(self, value: object, person: int = 0) -> dict[str, Any] | None:
        """Use an earlier session's calibration; ``None`` forgets it. Raises ``Unprocessable`` where it is not valid."""
        require_live(self._ending)
        self._rigger.replace_calibration(person, None if value is None else Calibration.from_json(value))
        return self.to_json(person)

    async def measure(self, asked: object) -> dict[str, Any]:
        """Measure a person and return the calibration, which is in use then.

        Raises ``Unprocessable`` where it is asked for wrongly, ``Conflict`` where another one runs or no face is seen,
        ``NotFound`` where the session ends meanwhile.
        """
        wanted = read_json(CalibrateRequest, asked)
        require_live(self._ending)
        if self._is_measuring:
            raise Conflict("A calibration is running already.")
        self._is_measuring = True
        try:
            # Rigs are solved only while somebody wants them.
            with self._room.streams["rig"].wanted() as first_rig:
                async with asyncio.timeout(wanted.seconds + CALIBRATION_GRACE_S):
                    await self._await_or_ended(first_rig)
                    done: asyncio.Future[Calibration] = asyncio.get_running_loop().create_future()
                    self._rigger.calibrate(
                        wanted.seconds, wanted.t_pose, wanted.person, on_done=functools.partial(_tell, done)
                    )
                    return (await self._await_or_ended(done)).to_json()
        except TimeoutError as error:
            raise Conflict("The face was not seen for long enough.") from error
        finally:
            self._rigger.stop_calibrating()
            self._is_measuring = False

    async def handle_command(self, command: dict[str, Any]) -> dict[str, Any]:
        """Answer ``calibrate``, which measures, or ``calibration``, which replaces. Raises as these do."""
        if command["type"] == "calibrate":
            asked = {name: command[name] for name in ("seconds", "t_pose", "person") if name in command}
            return {"type": "calibration", "calibration": await self.measure(asked)}
        if "calibration" not in command:
            raise Unprocessable('The "calibration" must be one that was measured before, or null to forget it.')
        whose = read_json(CalibrationRequest, {"person": command["person"]} if "person" in command else {})
        return {"type": "calibration", "calibration": self.replace(command["calibration"], whose.person)}

    async def _await_or_ended(self, awaited: asyncio.Future[T]) -> T:
        """Return the result. Raises ``NotFound`` where the session ends first."""
        ending = asyncio.create_task(self._ending.wait())
        try:
            waiting: list[asyncio.Future[Any]] = [awaited, ending]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            ending.cancel()
        if not awaited.done():
            require_live(self._ending)
        return awaited.result()


def _tell(done: "asyncio.Future[Calibration]", calibration: Calibration) -> None:
    """Called on the rig's thread. The waiter may be gone by then."""

    def tell() -> None:
        if not done.done():
            done.set_result(calibration)

    done.get_loop().call_soon_threadsafe(tell)
