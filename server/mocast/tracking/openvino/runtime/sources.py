"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "7b4342d3fa2485a4eeb1661f2bc6d6f32bdcde76ef6b8813e941ab8a0f1eca0a"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py`` and ``probe_images.py``, and prints the new value when one of them was edited. The
files are not read when Mocast runs: a frozen installation has none."""
