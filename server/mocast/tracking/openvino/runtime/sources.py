"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "901d57f3a5ac2ed63b5d609ecd1378d1bf560285deef316f137347af299acf6b"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``precision.py`` and ``probe_images.py``, and prints the new value when one of them was edited. The files are not read
when Mocast runs: a frozen installation has none."""
