"""Engines for the benches, by the names that the server's setting takes. Nothing is kept in a cache folder."""

from mocast import logs
from mocast.model.options import Quality
from mocast.tracking.engines import AUTO, ENGINES, FAST, Engine, Precision, choose_engine

ENGINE_CHOICES = (AUTO, *ENGINES)


def load(name: str, *, threads: int | None = None, precision: Precision = "auto") -> tuple[str, Engine]:
    """Return the engine of that name, and its own name: ``auto`` leaves open which one it is.

    What it logs goes to standard error, as the last line of a bench's output is its JSON. Raises ``TrackingError``.
    """
    logs.configure("console", "warning")
    return choose_engine(name, threads=threads, precision=precision)


def yes_or_no(is_so: bool) -> str:
    return "yes" if is_so else "no"


def uses_bf16(name: str, engine: Engine, quality: Quality) -> bool:
    """Return whether some networks of this quality compute with 16-bit floats on this machine."""
    if name != FAST:
        return False
    from mocast.tracking.openvino.schedule.quality_profile import PROFILES  # noqa: PLC0415 - there may be no openvino

    return PROFILES[quality].uses_bf16 and bool(engine.uses_bf16())  # type: ignore[attr-defined]
