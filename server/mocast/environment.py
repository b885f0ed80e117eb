"""The environment of processes that this one starts."""

from collections.abc import Mapping


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment that are none of the settings, some of which are secrets."""
    return {name: value for name, value in environment.items() if not name.upper().startswith("MOCAST_")}
