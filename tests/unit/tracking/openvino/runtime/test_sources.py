from hashlib import sha256
from pathlib import Path

from mocast.tracking import openvino
from mocast.tracking.openvino.runtime.sources import SOURCES_SHA256

FOLDER = Path(openvino.__file__).parent
SOURCES = [
    *sorted((FOLDER / "networks").glob("*.py")),
    *(
        FOLDER / "runtime" / f"{name}.py"
        for name in ("compiler", "form_chooser", "precision", "probe_images", "user_network")
    ),
]


def test_compiled_networks_are_cached_for_these_sources() -> None:
    """Write the value that is printed here into ``sources.py``: what earlier sources compiled is not used any more."""
    digest = sha256(b"".join(path.read_bytes().replace(b"\r\n", b"\n") for path in SOURCES)).hexdigest()
    assert digest == SOURCES_SHA256, f"the sources were edited: write {digest} into runtime/sources.py"
