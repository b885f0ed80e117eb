"""The status of an output: its state and its counters, written on its own thread, read on any."""

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

import structlog

OutputState = Literal[
    "idle",
    "connecting",
    "connected",
    "sending",
    "waiting for permission",
    "denied",
    "refused",
    "unreachable",
    "not allowed",
    "stopped",
]
"""``idle``: nothing to send yet. ``sending``: packets leave; whether anyone takes them, UDP cannot tell. ``refused``:
the other machine says that nothing listens there."""

LOG_EVERY_S = 1.0
LOG_AGAIN_EVERY_S = 60.0
"""The same error: an app that is not there may be away for days."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class OutputStatus:
    """An output's state and counters at one moment."""

    state: OutputState = "idle"
    detail: str = ""
    "One plain sentence where there is something to know or to do."
    sent: int = 0
    "Rigs that left whole."
    dropped: int = 0
    "Rigs that were replaced by a newer one before they left."
    errors: int = 0
    "Rigs that could not be sent, and failed attempts to connect."

    def to_json(self) -> dict[str, Any]:
        """Return the fields as the API shows them."""
        return asdict(self)


Watch = Callable[[OutputStatus], None]
"""Told when the state or its detail changes, on the output's own thread."""


class StatusRecorder:
    """Keeps an output's status; logs what changes, and an error that goes on, once a minute."""

    def __init__(self, name: str, watch: Watch | None = None) -> None:
        self._name = name
        self._watch = watch
        self._lock = threading.Lock()
        self._status = OutputStatus()
        self._logged_at = float("-inf")

    @property
    def status(self) -> OutputStatus:
        """The status now."""
        return self._status

    def sent(self) -> None:
        """Count a rig that left."""
        with self._lock:
            self._status = replace(self._status, sent=self._status.sent + 1)

    def dropped(self) -> None:
        """Count a rig that was replaced by a newer one."""
        with self._lock:
            self._status = replace(self._status, dropped=self._status.dropped + 1)

    def count_error(self) -> None:
        """Count a rig that was not sent, for a reason that the status has already."""
        with self._lock:
            self._status = replace(self._status, errors=self._status.errors + 1)

    def add_error(self, state: OutputState, detail: str) -> None:
        """Count an error, and say what it means."""
        with self._lock:
            is_new = (self._status.state, self._status.detail) != (state, detail)
            self._status = replace(self._status, errors=self._status.errors + 1)
            now = time.monotonic()
            is_due = now - self._logged_at >= (LOG_EVERY_S if is_new else LOG_AGAIN_EVERY_S)
            if is_due:
                self._logged_at = now
        if is_due:
            log.warning("output fails", output=self._name, state=state, detail=detail, errors=self._status.errors)
        self.set_state(state, detail)

    def set_state(self, state: OutputState, detail: str = "") -> None:
        """Set the state; ``watch`` is called where that changes anything."""
        with self._lock:
            changed = (self._status.state, self._status.detail) != (state, detail)
            self._status = replace(self._status, state=state, detail=detail)
            status = self._status
        if changed:
            log.info("output", output=self._name, state=state, detail=detail)
            if self._watch is not None:
                self._watch(status)
