"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "6f5e15c69d3926daafcbf8e41811ed22329091318046a5119d61647638de4f4f"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``precision.py`` and ``probe_images.py``, and prints the new value when one of them was edited. The files are not read
when Mocast runs: a frozen installation has none."""
