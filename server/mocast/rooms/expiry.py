"""The expiry of a principal's token."""

import asyncio
import time
from typing import Final

from mocast.model.principal import Principal

EXPIRED: Final = "the token has expired"
"""Told to a client whose session ends for it."""

LOOK_EVERY_S: Final = 30.0
"""Longest sleep at a time: the system's clock may be set meanwhile."""


async def wait_expired(principal: Principal) -> None:
    """Return when a principal's token has expired; never, where it does not expire."""
    if principal.expires_at is None:
        await asyncio.get_running_loop().create_future()
    while not has_expired(principal):
        assert principal.expires_at is not None
        await asyncio.sleep(min(max(principal.expires_at - time.time(), 0), LOOK_EVERY_S))


def has_expired(principal: Principal) -> bool:
    """Return whether a principal's token has expired."""
    return principal.expires_at is not None and principal.expires_at <= time.time()
