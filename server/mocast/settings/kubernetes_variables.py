"""What Kubernetes puts into the environment, which is no setting."""

import re
from collections.abc import Mapping
from typing import Final

KUBERNETES_FORMS: Final = {
    "SERVICE_HOST": r"[0-9a-fA-F.:]+",
    r"SERVICE_PORT(_[A-Z0-9_]+)?": r"\d+",
    r"PORT(_\d+_(TCP|UDP|SCTP))?": r"(tcp|udp|sctp)://\S+:\d+",
    r"PORT_\d+_(TCP|UDP|SCTP)_PROTO": r"tcp|udp|sctp",
    r"PORT_\d+_(TCP|UDP|SCTP)_PORT": r"\d+",
    r"PORT_\d+_(TCP|UDP|SCTP)_ADDR": r"[0-9a-fA-F.:]+",
}
"""What Kubernetes injects for a Service into every pod of its namespace, after the Service's name: the rest of the
variable's name, and the form of its value."""


def kubernetes_variables(environment: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the variables that Kubernetes injects for Services named ``mocast`` or ``mocast-...``.

    Each has its own name and a value of its own form, so ``MOCAST_PORT=9000`` is none.
    Source: Kubernetes documentation, "Service", section "Environment variables".
    """
    services = [name.removesuffix("_SERVICE_HOST") for name in environment if name.endswith("_SERVICE_HOST")]
    ours = [service for service in services if service == "MOCAST" or service.startswith("MOCAST_")]
    return frozenset(
        name
        for name, value in environment.items()
        for service in ours
        for suffix, form in KUBERNETES_FORMS.items()
        if re.fullmatch(f"{service}_{suffix}", name) and re.fullmatch(form, value)
    )
