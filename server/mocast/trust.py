"""Certificates that commands on a person's own machine trust beside the system's."""

import ssl
from typing import Final

CACERT_HELP: Final = "certificate that signed the server's, or a self-signed server's own, where no authority did"


def trusting(cacert: str | None) -> ssl.SSLContext | None:
    """Return a TLS context that trusts a file's certificates (PEM), too; ``None`` where no file is named.

    Raises ``ValueError``, with a sentence, where the file cannot be read or holds no certificate.
    """
    if not cacert:
        return None
    try:
        return ssl.create_default_context(cafile=cacert)
    except ssl.SSLError as error:  # which is an OSError, too
        raise ValueError(f"{cacert}: it has no certificate in it (PEM)") from error
    except OSError as error:
        raise ValueError(f"{cacert}: {error.strerror}") from error
