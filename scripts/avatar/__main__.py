"""``python -m scripts.avatar [PATH]``: write the default avatar, by default to ``web/public/default.vrm``."""

import argparse
from pathlib import Path

from scripts.avatar.character import character
from scripts.avatar.vrm import vrm

DEFAULT = Path(__file__).resolve().parents[2] / "web" / "public" / "default.vrm"


def main() -> None:
    """Write the file and say how large it is."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="?", type=Path, default=DEFAULT)
    path = parser.parse_args().path
    data = vrm(character())
    path.write_bytes(data)
    print(f"{path}: {len(data):,} bytes")


if __name__ == "__main__":
    main()
