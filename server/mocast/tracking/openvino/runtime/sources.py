"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "1f937e5e81d52b104c546bd37e5d1954b35bbcf988c890421bc3ef59c786716e"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py`` and ``probe_images.py``, and prints the new value when one of them was edited. The
files are not read when Mocast runs: a frozen installation has none."""
