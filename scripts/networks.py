"""Copies the networks from the installed package mediapipe to where a wheel of Mocast holds them.

Usage: ``python -m scripts.networks``
"""

import shutil

from mocast.tracking.networks_folder import FILES, OWN, package_folder


def main() -> None:
    """Copy them; where they are already, again: the package may be another one by now."""
    draft = OWN.with_name("networks.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    for name, path in FILES.items():
        shutil.copyfile(package_folder() / "modules" / path, draft / f"{name}.tflite")
    shutil.rmtree(OWN, ignore_errors=True)
    draft.rename(OWN)  # whole, or not there: the build looks for the folder


if __name__ == "__main__":
    main()
