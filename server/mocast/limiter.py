"""A limiter: how much of each kind is held at a time, and how often it is asked for; more is refused.

What one principal or one address has too much of is refused with 429, what the server has not with 503.
"""

import math
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final, Literal, Protocol, get_args

from mocast.errors import TooManyRequests, Unavailable
from mocast.token_bucket import TokenBucket

Kind = Literal[
    "sessions",
    "viewers",
    "sockets",
    "uploads",
    "upload_bytes",
    "pictures",
    "exports",
    "downloads",
    "jobs",
    "job_uploads",
    "job_events",
]
"""What is held. ``sessions``: publishers; ``sockets``: WebSocket readers; ``uploads``: requests with a picture;
``pictures``: those that wait for a tracker or have one; ``jobs``: those that have not ended; ``job_uploads``: requests
with a video; ``job_events``: readers of a job's progress."""

Scope = Literal["server", "principal", "address"]
Share = Literal["principal", "address"]

BURST_S: Final = 10
"""Requests that may come at once, as seconds of the rate: a page with all its files, clients that come back."""

MAX_BUCKETS: Final = 16_384
"""Some 8 MB. Above it, the client that has been idle for longest is forgotten, even if its bucket is not full again."""


UNCOUNTED: Final = ""
"""An address, or a principal, that has no share of its own: the server's limits alone hold for it."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks, as far as it is counted."""

    address: str = UNCOUNTED
    "IPv4 address or 64-bit IPv6 network."
    principal: str = UNCOUNTED
    "The principal's account."

    @property
    def shares(self) -> Iterator[tuple[Share, str]]:
        """What it counts by."""
        if self.principal != UNCOUNTED:
            yield "principal", self.principal
        if self.address != UNCOUNTED:
            yield "address", self.address


NOBODY: Final = Client()
"""What counts for the server alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much of a kind may be held at a time."""

    server: int
    "In all."
    principal: int = 0
    "By one principal; 0: no limit but the server's."
    address: int = 0
    "From one address; 0: no limit but the server's."
    refusal: str = "All places are taken; try again later."
    "What a client is told where the server has no more."
    retry_after_s: int = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Requests a second, on average over ``BURST_S``; 0: any number."""

    principal: float = 0
    address: float = 0


class Counts(Protocol):
    """What clients hold at other processes of the same server, which are told what they hold at this one."""

    def add(self, kind: Kind, share: Share, who: str, amount: int) -> None:
        """Take note that a client holds more here, or less."""

    def elsewhere(self, kind: Kind, share: Share, who: str) -> int:
        """Return how much it holds elsewhere."""


class Limiter:
    """Counts what is held and how often clients ask, by kind, principal and address. For one thread.

    Who holds nothing and has not asked for a while takes no memory.
    """

    def __init__(
        self,
        limits: Mapping[Kind, Limit],
        rates: Rates | None = None,
        clock: Callable[[], float] = time.monotonic,
        counts: Counts | None = None,
    ) -> None:
        """``counts``: of a server that is several processes; a client's share is of all of them then."""
        self._limits = limits
        self._counts = counts
        self._rates = rates or Rates()
        self._clock = clock
        self._held: Counter[tuple[Kind, Scope, str]] = Counter()
        self._buckets: OrderedDict[tuple[Share, str], TokenBucket] = OrderedDict()
        "Who asked last is last."

    @property
    def kinds(self) -> Sequence[Kind]:
        """What is counted."""
        return tuple(self._limits)

    def most(self, kind: Kind) -> int:
        """Return how much there may be in all."""
        return self._limits[kind].server

    def held(self, kind: Kind) -> int:
        """Return how much is held in all."""
        return self._held[kind, "server", ""]

    def require(self, kind: Kind, client: Client = NOBODY, amount: int = 1) -> None:
        """Raise ``TooManyRequests`` where it is above the client's share, ``Unavailable`` where so much is not free."""
        limit = self._limits[kind]
        for scope, who in client.shares:
            most = limit.principal if scope == "principal" else limit.address
            elsewhere = self._counts.elsewhere(kind, scope, who) if most and self._counts is not None else 0
            if most and self._held[kind, scope, who] + elsewhere + amount > most:
                sentence = f"One {scope} may have {most} {kind.replace('_', ' ')} at a time."
                raise TooManyRequests(sentence, limit.retry_after_s).reached(f"{kind}_{scope}")
        if self.held(kind) + amount > limit.server:
            raise self.refusal(kind)

    def take(self, kind: Kind, client: Client = NOBODY, amount: int = 1) -> None:
        """Hold more. Raises what ``require`` raises."""
        self.require(kind, client, amount)
        self.add(kind, client, amount)

    def add(self, kind: Kind, client: Client = NOBODY, amount: int = 1) -> None:
        """Hold more, whether or not so much is free."""
        self._held[kind, "server", ""] += amount
        for scope, who in client.shares:
            self._held[kind, scope, who] += amount
            if self._counts is not None:
                self._counts.add(kind, scope, who, amount)

    def release(self, kind: Kind, client: Client = NOBODY, amount: int = 1) -> None:
        """Hold less."""
        self._held[kind, "server", ""] -= amount
        for scope, who in client.shares:
            self._held[kind, scope, who] -= amount
            if self._counts is not None:
                self._counts.add(kind, scope, who, -amount)
            if self._held[kind, scope, who] <= 0:
                del self._held[kind, scope, who]

    @contextmanager
    def lease(self, kind: Kind, client: Client = NOBODY) -> Iterator[None]:
        """Hold one while the context lasts. Raises what ``require`` raises."""
        self.take(kind, client)
        try:
            yield
        finally:
            self.release(kind, client)

    def refusal(self, kind: Kind) -> Unavailable:
        """Return the error for a client when the server has no more."""
        limit = self._limits[kind]
        return Unavailable(limit.refusal, limit.retry_after_s).reached(f"{kind}_server")

    def ask(self, client: Client) -> None:
        """Count a request. Raises ``TooManyRequests`` where they come faster than they may."""
        for scope, who in client.shares:
            rate = self._rates.principal if scope == "principal" else self._rates.address
            if not rate:
                continue
            bucket = self._bucket(scope, who, rate)
            if not bucket.take():
                sentence = f"Requests come too fast: one {scope} may make {rate:g} a second."
                raise TooManyRequests(sentence, math.ceil(bucket.seconds_until())).reached(f"requests_{scope}")

    def __len__(self) -> int:
        """How many clients it remembers."""
        return len({(scope, who) for _, scope, who in self._held if scope != "server"} | self._buckets.keys())

    def _bucket(self, scope: Share, who: str, rate: float) -> TokenBucket:
        bucket = self._buckets.get((scope, who))
        if bucket is None:
            # Two, so that they become fewer: it is here that they become more.
            for _ in range(2):
                self._forget_idle()
            bucket = self._buckets[scope, who] = TokenBucket(rate, rate * BURST_S, self._clock)
        else:
            self._buckets.move_to_end((scope, who))
        return bucket

    def _forget_idle(self) -> None:
        """Forget who has been idle for longest, if that makes no difference or there are too many."""
        if self._buckets:
            who, bucket = next(iter(self._buckets.items()))
            if bucket.fraction >= 1 or len(self._buckets) >= MAX_BUCKETS:
                del self._buckets[who]


LIMIT_NAMES: Final = tuple(
    [f"{kind}_{scope}" for kind in get_args(Kind) for scope in get_args(Scope)]
    + [f"requests_{scope}" for scope in get_args(Share)]
)
"""The limits that a limiter has, as ``MocastError.limit`` names them."""
