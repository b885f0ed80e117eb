"""Engines for the benches, by the names that the server's setting takes. Nothing is kept in a cache folder."""

from mocast import logs
from mocast.model.options import OfflineQuality
from mocast.tracking.engines import AUTO, ENGINES, FAST, Engine, EngineOptions, Precision, choose_engine, precision_of

ENGINE_CHOICES = (AUTO, *ENGINES)


def load(name: str, *, threads: int | None = None, precision: Precision = "auto") -> tuple[str, Engine]:
    """Return the engine of that name, and its own name: ``auto`` leaves open which one it is.

    What it logs goes to standard error, as the last line of a bench's output is its JSON. Raises ``TrackingError``.
    """
    logs.configure("console", "warning")
    return choose_engine(name, EngineOptions(threads=threads, precision=precision))


def precision_in(name: str, engine: Engine, quality: OfflineQuality) -> str:
    """Return what the networks of this quality that may be reduced compute with on this machine."""
    if name != FAST:
        return "f32"
    from mocast.tracking.openvino.schedule.quality_profile import PROFILES  # noqa: PLC0415 - there may be no openvino

    profile, choices = PROFILES[quality], engine.choices()
    reduced = {
        part: choices[network]
        for part, network, wanted in (
            ("hand", "hand_landmark", profile.hand_precision),
            ("pose", profile.body_network, profile.body_precision),
        )
        if wanted == "reduced" and network in choices
    }
    return precision_of(reduced)
