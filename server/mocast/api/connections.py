"""The connections of HTTP clients: how many are open, and how many there may be, in all and from one address."""

from collections import Counter
from http import HTTPStatus

from mocast.api.client_address import counted_address
from mocast.limiter import UNCOUNTED
from mocast.outputs.destination import Networks


class Connections:
    """The connections that are open, in all and by address."""

    def __init__(self, most: int, most_per_address: int, proxies: Networks = ()) -> None:
        """``most_per_address``: 0: none. ``proxies``: networks to which, as to this machine, it does not apply."""
        self.open = 0
        self.refused = 0
        self._most = most
        self._most_per_address = most_per_address or most
        self._proxies = proxies
        self._by_address: Counter[str] = Counter()

    def add(self, address: str) -> int | None:
        """Count a connection, also one to refuse; return the status to refuse it with, or ``None``."""
        share = counted_address(address, self._proxies)
        self.open += 1
        self._by_address[share] += 1
        if share != UNCOUNTED and self._by_address[share] > self._most_per_address:
            status = HTTPStatus.TOO_MANY_REQUESTS
        elif self.open > self._most:
            status = HTTPStatus.SERVICE_UNAVAILABLE
        else:
            return None
        self.refused += 1
        return status

    def remove(self, address: str) -> None:
        """Count one less."""
        share = counted_address(address, self._proxies)
        self.open -= 1
        self._by_address[share] -= 1
        if not self._by_address[share]:
            del self._by_address[share]
