"""Registry of compiled networks: shared by all sessions, and given back when none has used them for a while."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Lock, Timer
from typing import Final, NamedTuple
from weakref import WeakSet

from mocast.errors import TrackingError
from mocast.memory import return_free
from mocast.tracking.compiling_process import compiling_process
from mocast.tracking.engines import DeviceSetting, PrecisionSetting
from mocast.tracking.openvino.networks.conversion import SPECS, NetworkName, WantedPrecision
from mocast.tracking.openvino.networks.openvino_core import reason
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.compiled_file import called_apart
from mocast.tracking.openvino.runtime.compiler import Compiler
from mocast.tracking.openvino.runtime.form_chooser import DEFAULTS, FormChoice, FormChooser, FormSettings
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest
from mocast.tracking.openvino.runtime.inference_workers import InferenceWorkers
from mocast.tracking.openvino.runtime.network_copies import NetworkCopies
from mocast.tracking.openvino.runtime.network_form import CPU, NetworkForm

MAX_SINGLE_STREAM: Final = 2
"""Copies of a network with one stream, at most."""

IDLE_S: Final = 30.0
"""So often, networks that were not used since the time before are given back."""


class _Key(NamedTuple):
    name: NetworkName
    form: NetworkForm


class NetworkRegistry:
    """Compiles networks and makes requests to run them. Its methods may be called from any thread.

    A network that no tracker has is given back: ``IDLE_S`` to twice that after its last tracker was closed, unless it
    is kept (``keep``) or one of those that the latest tracker was made with, so that an idle server has what its last
    session used. ``let_go`` ends both. Who wants it again waits as long as loading it from the cache takes. Without a
    cache, for which that would be compiling, all networks are kept.
    """

    def __init__(self, *, streams: int, cache_folder: Path | None, settings: FormSettings = DEFAULTS) -> None:
        """``streams``: networks that may run at a time, each in one thread.

        Compiled networks are kept in ``cache_folder``; where that cannot be written they are compiled at each start.
        Raises ``TrackingError`` for a device that is not there.
        """
        self.streams = streams
        self.workers = InferenceWorkers(streams)
        self._cache = CompiledCache(cache_folder)
        self._compiler = Compiler(self._cache)
        self._settings = settings
        self._chooser = FormChooser(
            settings,
            self.request_as,
            self._cache,
            self._compiler.origin,
            on_choice=self._free_others,
            choose_apart=self._choose_apart,
        )
        self._lock = Lock()
        self._compiling: dict[_Key, Lock] = {}
        self._compiled: dict[_Key, NetworkCopies] = {}
        self._wanted: set[_Key] = set()
        "What sessions asked for."
        self._latest: set[_Key] = set()
        "What the latest one asked for."
        self._kept: set[_Key] = set()
        "What is never given back."
        self._idle: set[_Key] = set()
        "What nobody used when ``_give_back`` last looked."
        self._timer: Timer | None = None
        self._requests: WeakSet[InferenceRequest] = WeakSet()
        self._is_closed = False

    def prepare(self, wanted: Mapping[NetworkName, WantedPrecision]) -> None:
        """Load networks side by side, which is faster than one after another. Raises ``TrackingError``.

        Another process compiles them first, where the owner of this one allows it, and ends before they are loaded, so
        that not both need their memory at a time.
        """
        keys = [self._key(*one) for one in wanted.items()]
        with self._lock:
            self._latest = set(keys)
            self._idle -= self._latest
        with ThreadPoolExecutor(max(1, min(self.streams, len(keys)))) as threads:
            if any([*threads.map(self._compiled_apart, keys)]):
                compiling_process().end()
            for _ in threads.map(self._copies, keys):
                pass
        self._look_later()

    def request(self, name: NetworkName, wanted: WantedPrecision = "f32") -> InferenceRequest:
        """Return a new request; the first one of a network compiles it, and may choose its form, which takes seconds.

        Raises ``TrackingError``.
        """
        made = self.request_as(*self._key(name, wanted))
        self._look_later()
        return made

    def choice(self, name: NetworkName, wanted: WantedPrecision) -> FormChoice:
        """Return a network's form, and why; the first call may measure for seconds. Raises ``TrackingError``."""
        return self._chooser.choice(name, wanted)

    def request_as(self, name: NetworkName, form: NetworkForm) -> InferenceRequest:
        """Return a new request of a network in that form. Raises ``TrackingError``."""
        key = _Key(name, form)
        copies = self._copies(key)
        try:
            request = copies.request(partial(self._drop, key, copies))
        except RuntimeError as error:
            raise TrackingError(f"the network {name} cannot be run: {reason(error)}") from error
        with self._lock:
            self._check_open()
            self._idle.discard(key)
            self._requests.add(request)
        return request

    def keep(self) -> None:
        """Give back none of the networks that there are now."""
        with self._lock:
            self._kept = set(self._compiled)

    def let_go(self, name: NetworkName) -> None:
        """Have a network given back as if it were neither kept nor one of the latest tracker's, until one is made with
        it again.
        """
        with self._lock:
            self._kept = {key for key in self._kept if key.name != name}
            self._latest = {key for key in self._latest if key.name != name}
        self._look_later()

    def close(self) -> None:
        """Free the networks. Requests fail from now on."""
        with self._lock:
            self._is_closed = True
            self._compiled.clear()
            requests = list(self._requests)
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        for request in requests:
            request.close()
        self.workers.close()

    def _key(self, name: NetworkName, wanted: WantedPrecision) -> _Key:
        """Return what a session asks for, and note it. Raises ``TrackingError``."""
        key = _Key(name, self._chooser.choice(name, wanted).form)
        with self._lock:
            self._wanted.add(key)
        return key

    def _look_later(self) -> None:
        """Have ``_give_back`` look in a while, unless it will anyway."""
        with self._lock:
            may_free = self._cache.keeps and bool(set(self._compiled) - self._latest - self._kept)
            if may_free and self._timer is None and not self._is_closed:
                self._timer = Timer(IDLE_S, self._give_back)
                self._timer.name, self._timer.daemon = "mocast-networks", True
                self._timer.start()

    def _give_back(self) -> None:
        """Free the networks that nobody has used since it last looked; look again while there may be others."""
        with self._lock:
            self._timer = None
            unused = {key for key, copies in self._compiled.items() if not copies.is_used}
            unused -= self._latest | self._kept
            freed, self._idle = unused & self._idle, unused
            for key in freed:
                del self._compiled[key]
        if freed:
            return_free()
        self._look_later()

    def _drop(self, key: _Key, failed: NetworkCopies) -> None:
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

    def _choose_apart(self, name: NetworkName, wanted: WantedPrecision, is_kept: Callable[[], bool]) -> bool:
        """Have the compiling process choose a network's form; return whether it did, or ``is_kept``."""
        settings = self._settings.precision, self._settings.device
        make = partial(NetworkRegistry, streams=self.streams, cache_folder=self._cache.folder)
        return called_apart(self._cache, is_kept, _choose, make, settings, name, wanted)

    def _compiled_apart(self, key: _Key) -> bool:
        """Have the compiling process compile the first copy of a network into the cache; return whether it did."""
        if not compiling_process().is_allowed:
            return False
        with self._lock:
            is_loaded = key in self._compiled
        streams = 1 if key.form.device == CPU else self.streams
        return not is_loaded and self._compiler.compile_apart(*key, streams)

    def _copies(self, key: _Key) -> NetworkCopies:
        with self._lock:
            self._check_open()
            compiling = self._compiling.setdefault(key, Lock())
        with compiling:
            with self._lock:
                self._check_open()
                copies = self._compiled.get(key)
            if copies is None:
                single = MAX_SINGLE_STREAM if key.form.device == CPU else 0
                compile_for, shapes = partial(self._compiler.compile, *key), SPECS[key.name].shapes
                copies = NetworkCopies(compile_for, streams=self.streams, single=single, shapes=shapes)
                with self._lock:
                    self._check_open()
                    self._compiled[key] = copies
            return copies

    def _check_open(self) -> None:
        if self._is_closed:
            raise TrackingError("the engine is closed")


def _choose(
    make: Callable[..., NetworkRegistry],
    settings: tuple[PrecisionSetting, DeviceSetting],
    name: NetworkName,
    wanted: WantedPrecision,
) -> bool:
    """Choose a network's form, for the cache of that registry."""
    registry = make(settings=FormSettings(*settings))
    registry.choice(name, wanted)
    registry.close()
    return True
