"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "533a9d2833320c1bdb27eed689bac274cfe31690f3843c2a9d44ab3b3f9b77b7"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py`` and ``probe_images.py``, and prints the new value when one of them was edited. The
files are not read when Mocast runs: a frozen installation has none."""
