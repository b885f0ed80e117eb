"""A compiled network out of a file of the cache, which is compiled and written where it is not there yet."""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import openvino as ov

from mocast.tracking.compiling_process import compiling_process
from mocast.tracking.openvino.networks.openvino_core import core
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache

Settings = dict[str, str | int | bool]


class _Wanted(NamedTuple):
    """What is compiled, and its file; the arguments of ``compiled_once``."""

    file: str
    origin: bytes
    graph: Callable[[], ov.Model]
    device_name: str
    settings: Settings


def compiled_once(
    cache: CompiledCache,
    file: str,
    origin: bytes,
    graph: Callable[[], ov.Model],
    *,
    device_name: str,
    settings: Settings,
) -> ov.CompiledModel:
    """Return what was compiled from that origin, or else compile ``graph`` and keep it.

    Another process compiles where the owner of this one allows it; ``graph`` is pickled for it. Raises
    ``RuntimeError`` where OpenVINO cannot compile it, and what ``graph`` raises.
    """
    wanted = _Wanted(file, origin, graph, device_name, settings)
    found = _imported(cache, wanted)
    if found is None and cache.is_writable() and compiling_process().call(_fill, cache.folder, wanted):
        found = _imported(cache, wanted)
    if found is None:
        compiled = _compiled_and_kept(cache, wanted)
        # As imported it takes less: its weights stay in the file, and what compiling needed is freed.
        found = _imported(cache, wanted) or compiled
    return found


def _fill(folder: Path, wanted: _Wanted) -> bool:
    """Compile a network into its file of the cache; return whether it is there."""
    cache = CompiledCache(folder)
    _compiled_and_kept(cache, wanted)
    return cache.map(wanted.file, wanted.origin) is not None


def _imported(cache: CompiledCache, wanted: _Wanted) -> ov.CompiledModel | None:
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


def _compiled_and_kept(cache: CompiledCache, wanted: _Wanted) -> ov.CompiledModel:
    compiled = core().compile_model(wanted.graph(), wanted.device_name, wanted.settings)
    if cache.folder is not None:
        with suppress(RuntimeError):  # OpenVINO's virtual devices AUTO and MULTI cannot export
            cache.write(wanted.file, wanted.origin, compiled.export_model().getvalue())
    return compiled
