"""Registry of compiled networks: each is compiled once and shared by all sessions."""

from collections.abc import Iterator, Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock, Semaphore
from typing import Final, NamedTuple
from weakref import WeakSet

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import NetworkName, NetworkPrecision
from mocast.tracking.openvino.networks.openvino_core import reason
from mocast.tracking.openvino.runtime import precision
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.compiler import Compiler
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, RequestSlot
from mocast.tracking.openvino.runtime.inference_workers import InferenceWorkers

BF16_NETWORKS: Final[frozenset[NetworkName]] = frozenset(
    {"pose_detection", "pose_landmark", "palm_detection", "hand_landmark"}
)
"""Networks that are faster with bf16 where the processor has instructions for it. The others are too small to gain
(measured), and are computed with f32 always."""
MAX_SINGLE_STREAM: Final = 2
"""Replicas of a network with one stream, at most; each has weights of its own (up to 7 MB)."""


class _Key(NamedTuple):
    name: NetworkName
    precision: NetworkPrecision


class _Replica(NamedTuple):
    compiled: ov.CompiledModel
    free: Semaphore
    "How many more requests may run on it now."


Replicas = tuple[_Replica, ...]


def _key(name: NetworkName, wanted: NetworkPrecision) -> _Key:
    return _Key(name, wanted if name in BF16_NETWORKS else "f32")


class NetworkRegistry:
    """Compiles networks and makes requests to run them. Its methods may be called from any thread."""

    def __init__(self, *, streams: int, cache_folder: Path | None) -> None:
        """``streams``: networks that may run at a time, each in one thread.

        Compiled networks are kept in ``cache_folder``; where that cannot be written they are compiled at each start.
        """
        self.streams = streams
        self.workers = InferenceWorkers(streams)
        self._cache = CompiledCache(cache_folder)
        self._compiler = Compiler(self._cache)
        self._lock = Lock()
        self._compiling: dict[_Key, Lock] = {}
        self._compiled: dict[_Key, Replicas] = {}
        self._wanted: set[_Key] = set()
        "What sessions asked for."
        self._requests: WeakSet[InferenceRequest] = WeakSet()
        self._measuring = Lock()
        self._bf16_pays: bool | None = None
        self._is_closed = False

    def prepare(self, wanted: Mapping[NetworkName, NetworkPrecision]) -> None:
        """Compile networks side by side, which is faster than one after another. Raises ``TrackingError``."""
        keys = [_key(*one) for one in wanted.items()]
        with self._lock:
            self._wanted.update(keys)
        with ThreadPoolExecutor(max(1, min(self.streams, len(keys)))) as threads:
            for _ in threads.map(self._replicas, keys):
                pass

    def request(self, name: NetworkName, precision: NetworkPrecision = "f32") -> InferenceRequest:
        """Return a new request; the first one of a network compiles it. Raises ``TrackingError``.

        ``precision``: bf16 is used for ``BF16_NETWORKS`` only.
        """
        with self._lock:
            self._wanted.add(_key(name, precision))
        return self._request(name, precision)

    def bf16_pays(self) -> bool:
        """Return whether networks are faster with bf16 on this machine, and near enough.

        The first call measures it, unless the cache has the answer. Raises ``TrackingError``.
        """
        with self._measuring:
            if self._bf16_pays is None:
                self._bf16_pays = precision.bf16_pays(self._request, self._cache)
                # Networks that were compiled for the measurement alone are freed, except those of the default quality.
                hand = _key("hand_landmark", "bf16" if self._bf16_pays else "f32")
                self._free_unwanted(keep={hand, _key("pose_landmark", "f32")})
            return self._bf16_pays

    def close(self) -> None:
        """Free the networks. Requests fail from now on."""
        with self._lock:
            self._is_closed = True
            self._compiled.clear()
            requests = list(self._requests)
        for request in requests:
            request.close()
        self.workers.close()

    def _request(self, name: NetworkName, precision: NetworkPrecision) -> InferenceRequest:
        key = _key(name, precision)
        replicas = self._replicas(key)
        on_failure = partial(self._drop, key, replicas)
        try:
            slots = [RequestSlot(replica.compiled.create_infer_request(), replica.free) for replica in replicas]
            request = InferenceRequest(slots, on_failure)
        except RuntimeError as error:
            raise TrackingError(f"the network {name} cannot be run: {reason(error)}") from error
        with self._lock:
            self._check_open()
            self._requests.add(request)
        return request

    def _drop(self, key: _Key, failed: Replicas) -> None:
        """Have a network that failed compiled anew for the next request."""
        with self._lock:
            if self._compiled.get(key) is failed:
                del self._compiled[key]

    def _free_unwanted(self, keep: Set[_Key]) -> None:
        with self._lock:
            for key in set(self._compiled) - self._wanted - keep:
                del self._compiled[key]

    def _replicas(self, key: _Key) -> Replicas:
        with self._lock:
            self._check_open()
            compiling = self._compiling.setdefault(key, Lock())
        with compiling:
            with self._lock:
                self._check_open()
                compiled = self._compiled.get(key)
            if compiled is None:
                compiled = tuple(self._compile(key))
                with self._lock:
                    self._check_open()
                    self._compiled[key] = compiled
            return compiled

    def _compile(self, key: _Key) -> Iterator[_Replica]:
        """Yield the replicas of a network, which run on all cores together.

        OpenVINO runs a network of one stream in the thread that asks. One of several streams it runs in threads of its
        own, two in ten of which begin on a busy core (measured). So there is a replica of one stream for each core, up
        to ``MAX_SINGLE_STREAM``, and one of several streams for the cores that are left.
        """
        single = min(self.streams, MAX_SINGLE_STREAM)
        for _ in range(single):
            yield _Replica(self._compiler.compile(key.name, key.precision, 1), Semaphore(1))
        left = self.streams - single
        if left > 0:
            yield _Replica(self._compiler.compile(key.name, key.precision, left), Semaphore(left))

    def _check_open(self) -> None:
        if self._is_closed:
            raise TrackingError("the engine is closed")
