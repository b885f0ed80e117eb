"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "2a5c60031a6bfd9498b14df91d86daae8354bc3947254ac540e45ae1e511749d"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py``, ``probe_images.py`` and ``user_network.py``, and prints the new value when one of
them was edited. The files are not read when Mocast runs: a frozen installation has none."""
