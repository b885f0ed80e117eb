"""What was measured of one person: their neutral face, the range of their eyes and mouth, the body's T-pose."""

from dataclasses import dataclass
from typing import Any

from mocast.errors import Unprocessable


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """One person, as the browser keeps it and sends it again."""

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"version": 1}

    @classmethod
    def from_json(cls, value: object) -> "Calibration":
        """Return what ``to_json`` gave. Raises ``Unprocessable`` on anything else."""
        if not isinstance(value, dict) or value.get("version") != 1:
            raise Unprocessable("this is not a calibration of version 1")
        return cls()
