"""The networks inside the mediapipe wheel, compiled once by OpenVINO and shared by all sessions."""

from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock, Semaphore
from typing import Final, NamedTuple
from weakref import WeakSet

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino import precision
from mocast.tracking.openvino.cache import Cache
from mocast.tracking.openvino.compiling import Compiler, Precision
from mocast.tracking.openvino.convert import NetworkName
from mocast.tracking.openvino.core import reason
from mocast.tracking.openvino.crew import Crew
from mocast.tracking.openvino.request import Place, Request

REDUCIBLE: Final[frozenset[NetworkName]] = frozenset(
    {
        "pose_detection",
        "pose_landmark",
        "palm_detection",
        "hand_landmark",
    }
)
"""The networks that gain from lower precision. The others are so small that they hardly do."""


class _Key(NamedTuple):
    name: NetworkName
    precision: Precision


_MOST_ALONE: Final = 2
"""Copies of a network that run in the threads of those who ask, at most. Each has its own weights."""


class _Copy(NamedTuple):
    compiled: ov.CompiledModel
    free: Semaphore
    "How many more requests may run on it now."


Copies = tuple[_Copy, ...]


def _key(name: NetworkName, *, reduced: bool) -> _Key:
    return _Key(name, "bf16" if reduced and name in REDUCIBLE else "f32")


class Networks:
    """Compiles networks and hands out places to run them from. Its methods may be called from any thread."""

    def __init__(self, *, streams: int, cache_folder: Path | None) -> None:
        """``streams`` networks may run at a time, each in one thread.

        What was compiled is kept in ``cache_folder``; where that cannot be written it is compiled at each start.
        """
        self.streams = streams
        self.crew = Crew(streams)
        self._cache = Cache(cache_folder)
        self._compiler = Compiler(self._cache)
        self._lock = Lock()
        self._compiling: dict[_Key, Lock] = {}
        self._compiled: dict[_Key, Copies] = {}
        self._requests: WeakSet[Request] = WeakSet()
        self._measuring = Lock()
        self._reduced_pays: bool | None = None
        self._is_closed = False

    def prepare(self, reduced: Mapping[NetworkName, bool]) -> None:
        """Compile networks side by side, which is faster than one after another. Raises ``TrackingError``.

        ``reduced`` says of each whether it is wanted at lower precision; see ``request``.
        """
        wanted = [_key(name, reduced=is_reduced) for name, is_reduced in reduced.items()]
        with ThreadPoolExecutor(max(1, min(self.streams, len(wanted)))) as threads:
            for _ in threads.map(self._network, wanted):
                pass

    def request(self, name: NetworkName, *, reduced: bool = False) -> Request:
        """Return a new place to run a network from; the first for a network compiles it. Raises ``TrackingError``.

        ``reduced``: at lower precision, as far as that makes the network faster; see ``reduced_pays``.
        """
        key = _key(name, reduced=reduced)
        copies = self._network(key)
        on_failure = partial(self._replace, key, copies)
        try:
            request = Request([Place(copy.compiled.create_infer_request(), copy.free) for copy in copies], on_failure)
        except RuntimeError as error:
            raise TrackingError(f"the network {name} cannot be run: {reason(error)}") from error
        with self._lock:
            self._check_open()
            self._requests.add(request)
        return request

    def reduced_pays(self) -> bool:
        """Return whether networks at lower precision are faster on this machine, and near enough.

        The first call measures it, unless the cache knows. Raises ``TrackingError``.
        """
        with self._measuring:
            if self._reduced_pays is None:
                with self._lock:
                    before = set(self._compiled)
                self._reduced_pays = precision.reduced_pays(self, self._cache)
                # What measuring compiled and quality balanced, which is asked for most, does not use is freed.
                hand = _key("hand_landmark", reduced=self._reduced_pays)
                self._forget_all_but(before | {hand, _key("pose_landmark", reduced=False)})
            return self._reduced_pays

    def close(self) -> None:
        """Free the networks. Requests fail from now on."""
        with self._lock:
            self._is_closed = True
            self._compiled.clear()
            requests = list(self._requests)
        for request in requests:
            request.close()
        self.crew.close()

    def _replace(self, key: _Key, failed: Copies) -> None:
        """Have a network that failed compiled anew for the next request."""
        with self._lock:
            if self._compiled.get(key) is failed:
                del self._compiled[key]

    def _forget_all_but(self, kept: Set[_Key]) -> None:
        with self._lock:
            for key in set(self._compiled) - kept:
                del self._compiled[key]

    def _network(self, key: _Key) -> Copies:
        with self._lock:
            self._check_open()
            compiling = self._compiling.setdefault(key, Lock())
        with compiling:
            with self._lock:
                self._check_open()
                compiled = self._compiled.get(key)
            if compiled is None:
                compiled = tuple(self._copies(key))
                with self._lock:
                    self._check_open()
                    self._compiled[key] = compiled
            return compiled

    def _copies(self, key: _Key) -> Iterator[_Copy]:
        """Yield the copies of a network, which run on all cores together.

        OpenVINO runs a network in the thread that asks where it has one stream; where it has several, in threads of
        its own, which two times out of ten begin on a core that is at work. So there is a copy of one stream for each
        core, as far as their weights are worth the memory, and one of several streams for the cores that are left.
        """
        alone = min(self.streams, _MOST_ALONE)
        for _ in range(alone):
            yield _Copy(self._compiler.compile(key.name, key.precision, 1), Semaphore(1))
        left = self.streams - alone
        if left > 0:
            yield _Copy(self._compiler.compile(key.name, key.precision, left), Semaphore(left))

    def _check_open(self) -> None:
        if self._is_closed:
            raise TrackingError("the engine is closed")
