"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "b12ec69479b7c3a398c2576d778741216654c45318cf2fd9478ffa6b8445f8e7"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py`` and ``probe_images.py``, and prints the new value when one of them was edited. The
files are not read when Mocast runs: a frozen installation has none."""
