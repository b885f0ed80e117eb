"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "e56560ce15c358526decd6939f7acd4545277ce19efbebb9ff9320293344b687"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py``, ``probe_images.py`` and ``user_network.py``, and prints the new value when one of
them was edited. The files are not read when Mocast runs: a frozen installation has none."""
