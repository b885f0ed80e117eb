"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "5ee7c0ccf2909d8aed0cc61f002a15250e2b9883d3e0ed928df3dccfbfc3b1ba"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py``, ``probe_images.py`` and ``user_network.py``, and prints the new value when one of
them was edited. The files are not read when Mocast runs: a frozen installation has none."""
