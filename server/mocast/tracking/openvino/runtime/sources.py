"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "0cdeae85fdc9ab97ac3a8ca98ad6d3ee4a05b2afb972f592886ddf8b9187230d"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``precision.py`` and ``probe_images.py``, and prints the new value when one of them was edited. The files are not read
when Mocast runs: a frozen installation has none."""
