"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "35066dc60a92428e7a1ce8b16d4d854d85e88b0aa3660a989ef1678b05a3662b"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py`` and ``probe_images.py``, and prints the new value when one of them was edited. The
files are not read when Mocast runs: a frozen installation has none."""
