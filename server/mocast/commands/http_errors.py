"""What urllib's errors say, in words for a terminal."""

import ssl


def reason(error: OSError) -> str:
    """Return why there was no answer: the system's words for the error that a ``URLError`` wraps, where it has any."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "the server has a certificate that this machine does not trust (--cacert FILE)"
    return str(getattr(cause, "strerror", None) or cause)
