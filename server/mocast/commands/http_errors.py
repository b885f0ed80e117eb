"""What urllib's errors say, in words for a terminal."""

import json
import ssl
import urllib.error
from http import HTTPStatus
from typing import Final

_MAX_PROBLEM_BYTES: Final = 65_536


def reason(error: OSError) -> str:
    """Return why there was no answer: the system's words for the error that a ``URLError`` wraps, where it has any."""
    cause = getattr(error, "reason", error)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return "the server has a certificate that this machine does not trust (--cacert FILE)"
    return str(getattr(cause, "strerror", None) or cause)


def refusal(error: urllib.error.HTTPError) -> str:
    """Return why the server refused: its own sentence (RFC 9457), where there is one, and what helps."""
    try:
        detail = str(json.loads(error.read(_MAX_PROBLEM_BYTES))["detail"])
    except (OSError, ValueError, KeyError, TypeError):  # a proxy's page
        detail = str(error.reason)
    return f"{detail} (--token TOKEN)" if error.code == HTTPStatus.UNAUTHORIZED else detail
