"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "cf91514032f3fbadd6964926bf3d3ae4db56d0037052e1d37f1d322f469f264f"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py``, ``probe_images.py`` and ``user_network.py``, and prints the new value when one of
them was edited. The files are not read when Mocast runs: a frozen installation has none."""
