"""The networks inside the mediapipe wheel, compiled once by OpenVINO and shared by all sessions."""

from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Final, NamedTuple
from weakref import WeakSet

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino import precision
from mocast.tracking.openvino.cache import Cache
from mocast.tracking.openvino.compiling import Compiler, Precision
from mocast.tracking.openvino.convert import NetworkName
from mocast.tracking.openvino.core import reason
from mocast.tracking.openvino.request import Request

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


def _key(name: NetworkName, *, reduced: bool) -> _Key:
    return _Key(name, "bf16" if reduced and name in REDUCIBLE else "f32")


class Networks:
    """Compiles networks and hands out places to run them from. Its methods may be called from any thread."""

    def __init__(self, *, streams: int, cache_folder: Path | None) -> None:
        """``streams`` networks may run at a time, each in one thread.

        What was compiled is kept in ``cache_folder``; where that cannot be written it is compiled at each start.
        """
        self.streams = streams
        self._cache = Cache(cache_folder)
        self._compiler = Compiler(streams, self._cache)
        self._lock = Lock()
        self._compiling: dict[_Key, Lock] = {}
        self._compiled: dict[_Key, ov.CompiledModel] = {}
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
        compiled = self._network(key)
        on_failure = partial(self._replace, key, compiled)
        try:
            request = Request(compiled.create_infer_request(), is_shared=self.streams > 1, on_failure=on_failure)
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

    def _replace(self, key: _Key, failed: ov.CompiledModel) -> None:
        """Have a network that failed compiled anew for the next request."""
        with self._lock:
            if self._compiled.get(key) is failed:
                del self._compiled[key]

    def _forget_all_but(self, kept: Set[_Key]) -> None:
        with self._lock:
            for key in set(self._compiled) - kept:
                del self._compiled[key]

    def _network(self, key: _Key) -> ov.CompiledModel:
        with self._lock:
            self._check_open()
            compiling = self._compiling.setdefault(key, Lock())
        with compiling:
            with self._lock:
                self._check_open()
                compiled = self._compiled.get(key)
            if compiled is None:
                compiled = self._compiler.compile(key.name, key.precision)
                with self._lock:
                    self._check_open()
                    self._compiled[key] = compiled
            return compiled

    def _check_open(self) -> None:
        if self._is_closed:
            raise TrackingError("the engine is closed")
