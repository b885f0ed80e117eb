"""A compiled network out of a file of the cache, which is compiled and written where it is not there yet."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import openvino as ov

from mocast.tracking.compiling_process import compiling_process
from mocast.tracking.openvino.networks.openvino_core import core
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache

Settings = dict[str, str | int | bool]


class Wanted(NamedTuple):
    """What is compiled, and its file of the cache. It is pickled for another process, its graph not made yet."""

    file: str
    origin: bytes
    graph: Callable[[], ov.Model]
    device_name: str
    settings: Settings


def compiled_once(cache: CompiledCache, wanted: Wanted) -> ov.CompiledModel:
    """Return what was compiled from that origin, or else compile the graph and keep it.

    Another process compiles where the owner of this one allows it. Raises ``RuntimeError`` where OpenVINO cannot
    compile it, and what the graph raises.
    """
    found = _imported(cache, wanted)
    if found is None and compiled_apart(cache, wanted):
        found = _imported(cache, wanted)
    if found is None:
        compiled = _compiled_and_kept(cache, wanted)
        # As imported it takes less: its weights stay in the file, and what compiling needed is freed.
        found = _imported(cache, wanted) or compiled
    return found


def compiled_apart(cache: CompiledCache, wanted: Wanted) -> bool:
    """Have another process compile the graph into its file, where the owner of this one allows it; return whether it
    did.
    """

    def is_done() -> bool:
        return cache.map(wanted.file, wanted.origin) is not None

    return called_apart(cache, is_done, _fill, cache.folder, wanted)


def called_apart(cache: CompiledCache, is_done: Callable[[], bool], function: Callable[..., bool], *args: Any) -> bool:
    """Have another process call a function that writes to the cache, where the owner of this one allows it and the
    cache can be written; return what ``CompilingProcess.call`` does.
    """
    process = compiling_process()
    if not process.is_allowed or not cache.is_writable() or cache.folder is None:
        return False
    return process.call(cache.folder, is_done, function, *args)


def _fill(folder: Path | None, wanted: Wanted) -> bool:
    """Compile a network into its file of the cache; return whether it is there."""
    cache = CompiledCache(folder)
    _compiled_and_kept(cache, wanted)
    return cache.map(wanted.file, wanted.origin) is not None


def _imported(cache: CompiledCache, wanted: Wanted) -> ov.CompiledModel | None:
    """Return the model in a file of the cache, whose weights stay there until they are read; ``None``: no such."""
    exported = cache.map(wanted.file, wanted.origin)
    if exported is None:
        return None
    content = ov.Tensor(exported.content, shared_memory=True)
    try:
        imported = core().import_model(content, wanted.device_name, wanted.settings)
    except RuntimeError:
        return None  # written by an OpenVINO of the same version string that is not the same
    exported.unload()  # by now it has most of its weights in an order of its own
    return ov.CompiledModel(imported, weights=exported)  # which keeps the memory that it reads


def _compiled_and_kept(cache: CompiledCache, wanted: Wanted) -> ov.CompiledModel:
    compiled = core().compile_model(wanted.graph(), wanted.device_name, wanted.settings)
    if cache.is_writable():
        with suppress(RuntimeError):  # OpenVINO's virtual devices AUTO and MULTI cannot export
            cache.write(wanted.file, wanted.origin, compiled.export_model().getvalue())
    return compiled
