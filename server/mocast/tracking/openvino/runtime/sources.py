"""Version of the code that decides how networks are converted and compiled."""

from typing import Final

SOURCES_SHA256: Final = "5f38e2468c316412dc421ad9f193879e100868c112e5d8a973800c57b4db143b"
"""Part of the cache's key. A test compares it with the hash of the sources, ``networks/*.py``, ``compiler.py``,
``form_chooser.py``, ``precision.py``, ``probe_images.py`` and ``user_network.py``, and prints the new value when one of
them was edited. The files are not read when Mocast runs: a frozen installation has none."""
