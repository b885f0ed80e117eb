"""Which certificates of servers a command on a person's own machine trusts beside those of the system."""

import ssl
from typing import Final

CACERT_HELP: Final = "certificate that signed the server's, or a self-signed server's own, where no authority did"


def trusting(cacert: str | None) -> ssl.SSLContext | None:
    """Return what trusts a file's certificates (PEM), or ``None`` where none is named: the system's alone are trusted.

    Raises ``ValueError`` with a sentence where there are none in it.
    """
    if not cacert:
        return None
    try:
        return ssl.create_default_context(cafile=cacert)
    except ssl.SSLError as error:  # which is an OSError, too
        raise ValueError(f"{cacert}: it has no certificate in it (PEM)") from error
    except OSError as error:
        raise ValueError(f"{cacert}: {error.strerror}") from error
