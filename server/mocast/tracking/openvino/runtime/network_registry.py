"""Registry of compiled networks: each is compiled once and shared by all sessions."""

from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock, Semaphore
from typing import Final, NamedTuple
from weakref import WeakSet

import openvino as ov

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import NetworkName, WantedPrecision
from mocast.tracking.openvino.networks.openvino_core import reason
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.compiler import Compiler
from mocast.tracking.openvino.runtime.form_chooser import DEFAULTS, FormChoice, FormChooser, FormSettings
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, RequestSlot
from mocast.tracking.openvino.runtime.inference_workers import InferenceWorkers
from mocast.tracking.openvino.runtime.network_form import CPU, NetworkForm

MAX_SINGLE_STREAM: Final = 2
"""Replicas of a network with one stream, at most; each has weights of its own (up to 7 MB)."""


class _Key(NamedTuple):
    name: NetworkName
    form: NetworkForm


class _Replica(NamedTuple):
    compiled: ov.CompiledModel
    free: Semaphore
    "How many more requests may run on it now."


Replicas = tuple[_Replica, ...]


class NetworkRegistry:
    """Compiles networks and makes requests to run them. Its methods may be called from any thread."""

    def __init__(self, *, streams: int, cache_folder: Path | None, settings: FormSettings = DEFAULTS) -> None:
        """``streams``: networks that may run at a time, each in one thread.

        Compiled networks are kept in ``cache_folder``; where that cannot be written they are compiled at each start.
        Raises ``TrackingError`` for a device that is not there.
        """
        self.streams = streams
        self.workers = InferenceWorkers(streams)
        self._cache = CompiledCache(cache_folder)
        self._compiler = Compiler(self._cache)
        self._chooser = FormChooser(settings, self.request_as, self._cache, self._compiler.origin, self._free_others)
        self._lock = Lock()
        self._compiling: dict[_Key, Lock] = {}
        self._compiled: dict[_Key, Replicas] = {}
        self._wanted: set[_Key] = set()
        "What sessions asked for."
        self._requests: WeakSet[InferenceRequest] = WeakSet()
        self._is_closed = False

    def prepare(self, wanted: Mapping[NetworkName, WantedPrecision]) -> None:
        """Compile networks side by side, which is faster than one after another. Raises ``TrackingError``."""
        keys = [self._key(*one) for one in wanted.items()]
        with ThreadPoolExecutor(max(1, min(self.streams, len(keys)))) as threads:
            for _ in threads.map(self._replicas, keys):
                pass

    def request(self, name: NetworkName, wanted: WantedPrecision = "f32") -> InferenceRequest:
        """Return a new request; the first one of a network compiles it, and may choose its form, which takes seconds.

        Raises ``TrackingError``.
        """
        return self.request_as(*self._key(name, wanted))

    def choice(self, name: NetworkName, wanted: WantedPrecision) -> FormChoice:
        """Return a network's form, and why; the first call may measure for seconds. Raises ``TrackingError``."""
        return self._chooser.choice(name, wanted)

    def request_as(self, name: NetworkName, form: NetworkForm) -> InferenceRequest:
        """Return a new request of a network in that form. Raises ``TrackingError``."""
        key = _Key(name, form)
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

    def close(self) -> None:
        """Free the networks. Requests fail from now on."""
        with self._lock:
            self._is_closed = True
            self._compiled.clear()
            requests = list(self._requests)
        for request in requests:
            request.close()
        self.workers.close()

    def _key(self, name: NetworkName, wanted: WantedPrecision) -> _Key:
        """Return what a session asks for, and note it. Raises ``TrackingError``."""
        key = _Key(name, self._chooser.choice(name, wanted).form)
        with self._lock:
            self._wanted.add(key)
        return key

    def _drop(self, key: _Key, failed: Replicas) -> None:
        """Have a network that failed compiled anew for the next request."""
        with self._lock:
            if self._compiled.get(key) is failed:
                del self._compiled[key]

    def _free_others(self, name: NetworkName, chosen: NetworkForm) -> None:
        """Free the forms of a network that were compiled to be measured, but the one that was chosen, and those that
        sessions asked for.
        """
        with self._lock:
            for key in set(self._compiled) - self._wanted - {_Key(name, chosen)}:
                if key.name == name:
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
        single = min(self.streams, MAX_SINGLE_STREAM) if key.form.device == CPU else 0
        for _ in range(single):
            yield _Replica(self._compiler.compile(*key, 1), Semaphore(1))
        left = self.streams - single
        if left > 0:
            yield _Replica(self._compiler.compile(*key, left), Semaphore(left))

    def _check_open(self) -> None:
        if self._is_closed:
            raise TrackingError("the engine is closed")
