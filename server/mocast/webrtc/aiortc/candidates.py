"""A client's ICE candidates: counted, and handed to the connection."""

import asyncio
from collections.abc import Sequence

import structlog
from aiortc import RTCPeerConnection
from aiortc.sdp import candidate_from_sdp

from mocast.webrtc.offer import MAX_MDNS_CANDIDATES, Offer, OfferLimits, RemoteCandidate, is_mdns


class Candidates:
    """The candidates of one client, those of its offer included."""

    def __init__(self, pc: RTCPeerConnection, log: structlog.typing.FilteringBoundLogger) -> None:
        self.count = 0
        self._mdns_count = 0
        self._limits = OfferLimits()
        self._named: tuple[RemoteCandidate, ...] = ()
        self._pc = pc
        self._log = log

    def begin(self, offer: Offer) -> None:
        """Count those of the offer, which the connection reads itself, and keep those that are mDNS names."""
        self.count, self._mdns_count = offer.candidates, len(offer.mdns_candidates)
        self._named = offer.mdns_candidates
        self._limits = offer.limits

    async def resolve(self) -> None:
        """Add those of the offer that are mDNS names."""
        await self._add(self._named)

    async def add(self, candidates: Sequence[RemoteCandidate]) -> None:
        """Take candidates that came later. Those that make no sense are ignored.

        Raises ``Unprocessable`` above the offer's limit in all, or ``MAX_MDNS_CANDIDATES`` to be resolved.
        """
        self.count += len(candidates)
        self._mdns_count += sum(is_mdns(line) for line, _, _ in candidates)
        if self.count > self._limits.max_candidates or self._mdns_count > MAX_MDNS_CANDIDATES:
            raise self._limits.too_many_candidates
        await self._add(candidates)

    async def _add(self, candidates: Sequence[RemoteCandidate]) -> None:
        """Add candidates at once: one that has to be resolved takes up to a second."""
        await asyncio.gather(*(self._add_one(*candidate) for candidate in candidates))

    async def _add_one(self, line: str, mid: str | None, index: int | None) -> None:
        try:
            candidate = candidate_from_sdp(line.removeprefix("candidate:"))
            candidate.sdpMid, candidate.sdpMLineIndex = mid, index
            await self._pc.addIceCandidate(candidate)
        except (ValueError, AssertionError, IndexError, KeyError, OSError) as error:
            self._log.debug("candidate ignored", error=repr(error))
