"""What tells a node that a request comes from another node of its cluster, not from a client."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final

TAG_CHARACTERS: Final = 6
"""36 bits: of 1,000 nodes, two have the same tag with a probability of 7e-6."""

TOLERANCE_S: Final = 60
"""By which two nodes' clocks may differ; for so long a signature can be sent again, for the same call alone."""


class NodeSignature:
    """Signs and checks forwarded requests with the secret that all nodes of a cluster share."""

    def __init__(self, secret: str, clock: Callable[[], float] = time.time) -> None:
        self._secret = secret.encode()
        self._clock = clock

    def sign(self, *parts: str) -> str:
        """Return the signature of a request. ``parts``: all of it that the other node is to believe."""
        now = str(int(self._clock()))
        return f"{now}.{self._hex(now, *parts)}"

    def is_valid(self, signature: str, *parts: str) -> bool:
        """Return whether a node of this cluster has signed this in the last ``TOLERANCE_S``."""
        now, _, signed = signature.partition(".")
        if not now.isdecimal() or len(now) > 12 or abs(self._clock() - int(now)) > TOLERANCE_S:
            return False
        return signed.isascii() and hmac.compare_digest(signed, self._hex(now, *parts))

    def tag(self, name: str) -> str:
        """Return what ids that a node makes end with: it tells the nodes whose it is, and clients nothing."""
        digest = hmac.digest(self._secret, b"node\n" + name.encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest)[:TAG_CHARACTERS].decode()

    def derive(self, purpose: str) -> str:
        """Return a secret for another purpose, the same on all nodes."""
        return hmac.new(self._secret, b"secret\n" + purpose.encode(), hashlib.sha256).hexdigest()

    def _hex(self, *parts: str) -> str:
        text = "\n".join(parts).encode(errors="surrogateescape")
        return hmac.new(self._secret, b"request\n" + text, hashlib.sha256).hexdigest()
