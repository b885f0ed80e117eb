"""Consent of a client to be sent to (RFC 7675); a client that has changed its address is followed there."""

import asyncio
import random
from collections.abc import Callable
from typing import Any, Final

import structlog
from aioice.ice import CandidatePair
from aioice.stun import TransactionError

log = structlog.get_logger(__name__)

CONSENT_INTERVAL_S: Final = 0.5
CONSENT_FAILURES: Final = 4
CONSENT_RESENDS: Final = 1
"""A peer that answers none of four connectivity checks is gone (RFC 7675 allows up to 30 s; ours is 10).

Between checks are 0.8 to 1.2 times the interval. A check is waited for 0.5 s, then resent and waited for 1 s:
4 x (0.6 + 1.5) = 8.4 s at most. Without resending, a full uplink that holds packets for half a second would look dead.
"""

LEAST_INTERVAL_S: Final = 0.1
"""Between checks, however often a client sends checks from elsewhere."""

_COMPONENT: Final = 1


class Consent:
    """Checks that a client still answers; ends the connection where it does not.

    A client whose address changes (another network, a NAT that forgot it) goes on sending its own checks, from there.
    Only some clients also nominate the new pair, as RFC 8445 has it. So where the nominated pair stops answering, the
    one that the client's last check came by is used, once it has answered, too.

    FFmpeg answers no check once it sends. Where a client has never answered one, and is sent nothing but reports, the
    packets that it sends count as answers. Where it is sent media they do not: media would go on to an address that the
    client has left, and somebody else may have by now.
    """

    def __init__(self, connection: Any, packets: Callable[[], int] = lambda: 0) -> None:
        """``connection``: aioice's, before it connects; its consent checks are replaced.

        ``packets``: how many have come from the client so far, where they may stand for answers; else always 0.
        """
        self._connection = connection
        self._packets = packets
        self._packets_before = 0
        self._answers_checks = False
        self._take_check = connection.check_incoming
        self._elsewhere: tuple[Any, tuple[str, int]] | None = None
        "The socket of the client's last check, and where it came from, if that is not the nominated pair."
        self._doubt = asyncio.Event()
        connection.check_incoming = self._check_incoming
        connection.query_consent = self.query

    async def query(self) -> None:
        """Check until the connection is closed, or the client has not answered ``CONSENT_FAILURES`` times."""
        connection, failures = self._connection, 0
        while failures < CONSENT_FAILURES:
            await self._until_next()
            pair = connection._nominated.get(_COMPONENT)
            if connection._closing or pair is None:
                return
            is_there = await self._answers(pair) or self._follow() or self._sends()
            failures = 0 if is_there else failures + 1
        connection._query_consent_task = None
        await connection.close()

    def _check_incoming(self, message: Any, address: tuple[str, int], protocol: Any) -> None:
        self._take_check(message, address, protocol)
        pair = self._connection._nominated.get(_COMPONENT)
        if pair is None or (pair.protocol is protocol and pair.remote_addr == address):
            self._elsewhere = None
        else:
            self._elsewhere = protocol, address
            self._doubt.set()

    async def _until_next(self) -> None:
        interval_s = CONSENT_INTERVAL_S * (0.8 + 0.4 * random.random())
        await asyncio.sleep(LEAST_INTERVAL_S)
        try:
            async with asyncio.timeout(interval_s - LEAST_INTERVAL_S):
                await self._doubt.wait()
        except TimeoutError:
            return

    async def _answers(self, pair: CandidatePair) -> bool:
        connection = self._connection
        in_doubt = self._doubt.is_set()
        self._doubt.clear()
        try:
            await pair.protocol.request(
                connection.build_request(pair, nominate=False),
                pair.remote_addr,
                integrity_key=connection.remote_password.encode(),
                retransmissions=0 if in_doubt else CONSENT_RESENDS,
            )
        except TransactionError:
            return False
        self._answers_checks = True
        return True

    def _sends(self) -> bool:
        """Whether a client that answers no checks has sent packets since the last one."""
        before, self._packets_before = self._packets_before, self._packets()
        return not self._answers_checks and self._packets_before > before

    def _follow(self) -> bool:
        """Use the pair that the client's last check came by, where it is valid; return whether it is."""
        if self._elsewhere is None:
            return False
        protocol, address = self._elsewhere
        for pair in self._connection._check_list:
            is_it = pair.protocol is protocol and pair.remote_addr == address
            if is_it and pair.state == CandidatePair.State.SUCCEEDED:
                pair.nominated = True
                self._connection._nominated[_COMPONENT] = pair
                self._elsewhere = None
                log.info("client moved to another address")
                return True
        return False
