"""Environment variables that look like settings and are none."""

import difflib
from collections.abc import Mapping

from mocast.settings.kubernetes_variables import kubernetes_variables
from mocast.settings.settings import Settings


def unknown_variables(environment: Mapping[str, str]) -> list[str]:
    """Return a sentence for each environment variable that looks like one of ours and is none."""
    known = [f"MOCAST_{name.upper()}" for name in Settings.model_fields]
    names = environment.keys() - kubernetes_variables(environment)
    unknown = sorted(name for name in names if name.upper().startswith("MOCAST_") and name.upper() not in known)
    sentences = []
    for name in unknown:
        nearest = difflib.get_close_matches(name.upper(), known, n=1)
        sentences.append(f"{name} is not a setting" + (f"; did you mean {nearest[0]}?" if nearest else ""))
    return sentences
