"""Copies the networks of the package mediapipe to where a wheel of Mocast holds them.

Usage: ``python -m scripts.networks [FOLDER]``; FOLDER: the package's, where it is not installed.
"""

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from mocast.tracking.networks_folder import FILES, OWN, package_folder


def main() -> None:
    """Copy them; where they are already, again: the package may be another one by now.

    Where it is not installed and no FOLDER is named, those that a set-up has put there stay.
    """
    if len(sys.argv) == 1 and OWN.is_dir() and find_spec("mediapipe") is None:
        return
    package = Path(sys.argv[1]) if len(sys.argv) > 1 else package_folder()
    draft = OWN.with_name("networks.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name, path in FILES.items():
        shutil.copyfile(package / "modules" / path, draft / f"{name}.tflite")
    shutil.rmtree(OWN, ignore_errors=True)
    draft.rename(OWN)  # whole, or not there: the build looks for the folder


if __name__ == "__main__":
    main()
