"""The build backend (PEP 517, PEP 660): uv's own, after a look at whether all is there that Git does not hold.

It needs nothing but Python. What builds is uv itself where uv asks for the build (``UV`` names its program), so that an
installation from the checkout fetches nothing; elsewhere, as with ``pip install .``, the package ``uv_build``.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

UV_BUILD = "uv_build>=0.13.8,<0.14"

PACKAGE = Path(__file__).resolve().parents[1] / "server" / "mocast"
MADE = {
    "page": (PACKAGE / "web" / "index.html", "the page is not built into server/mocast/web"),
    "networks": (PACKAGE / "tracking" / "networks", "the networks are not in server/mocast/tracking/networks"),
    "face shapes": (
        PACKAGE / "tracking" / "face_shapes" / "face_blendshapes.tflite",
        "the network of face shapes is not in server/mocast/tracking/face_shapes",
    ),
}
"""What a wheel holds beside what is in Git: where it is, and what is said where it is missing."""

Settings = Mapping[str, Any] | None


def get_requires_for_build_wheel(config_settings: Settings = None) -> list[str]:
    """Return what has to be installed before a build: nothing where uv runs it."""
    return [] if os.environ.get("UV") else [UV_BUILD]


get_requires_for_build_sdist = get_requires_for_build_editable = get_requires_for_build_wheel


def build_wheel(wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None) -> str:
    """Build a wheel and return its name. With ``-C without=networks`` they come from an installed mediapipe."""
    _require(set(MADE) - {str((config_settings or {}).get("without"))})
    return _build("build-wheel", wheel_directory)


def build_sdist(sdist_directory: str, config_settings: Settings = None) -> str:
    """Build an archive of sources, from which a wheel can be built without Node.js; return its name."""
    _require(set(MADE))
    return _build("build-sdist", sdist_directory)


def build_editable(
    wheel_directory: str, config_settings: Settings = None, metadata_directory: str | None = None
) -> str:
    """Build what an editable installation installs; return its name. The page may be built later."""
    return _build("build-editable", wheel_directory)


def _require(parts: set[str]) -> None:
    for part in sorted(parts):
        path, missing = MADE[part]
        if not path.exists():
            sys.exit(f"Mocast cannot be built: {missing}. Run `make wheel`, which makes all of it.")


def _build(*words: str) -> str:
    """Run uv's builder, which writes the file's name as its last line, and return that."""
    uv = os.environ.get("UV")
    command = [uv, "--quiet", "build-backend"] if uv else ["uv-build"]
    built = subprocess.run([*command, *words], stdout=subprocess.PIPE, text=True, check=False)
    if built.returncode:
        sys.exit(built.returncode)
    return built.stdout.split()[-1]
