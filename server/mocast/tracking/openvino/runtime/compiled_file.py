"""A compiled network out of a file of the cache, which is compiled and written where it is not there yet."""

from collections.abc import Callable

import openvino as ov

from mocast.tracking.openvino.networks.openvino_core import core
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache

Settings = dict[str, str | int | bool]


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

    Raises ``RuntimeError`` where OpenVINO cannot compile it, and what ``graph`` raises.
    """
    compiled = _imported(cache, file, origin, device_name, settings)
    if compiled is None:
        compiled = core().compile_model(graph(), device_name, settings)
        _keep(cache, file, origin, compiled)
        # As imported it takes less: its weights stay in the file, and what compiling needed is freed.
        compiled = _imported(cache, file, origin, device_name, settings) or compiled
    return compiled


def _imported(
    cache: CompiledCache, file: str, origin: bytes, device_name: str, settings: Settings
) -> ov.CompiledModel | None:
    """Return the model in a file of the cache, whose weights stay there until they are read; ``None``: no such."""
    exported = cache.map(file, origin)
    if exported is None:
        return None
    try:
        imported = core().import_model(ov.Tensor(exported.content, shared_memory=True), device_name, settings)
    except RuntimeError:
        return None  # written by an OpenVINO of the same version string that is not the same
    exported.unload()  # by now it has most of its weights in an order of its own
    return ov.CompiledModel(imported, weights=exported)  # which keeps the memory that it reads


def _keep(cache: CompiledCache, file: str, origin: bytes, compiled: ov.CompiledModel) -> None:
    if not cache.is_used:
        return
    try:
        exported = compiled.export_model().getvalue()
    except RuntimeError:
        return  # OpenVINO's virtual devices AUTO and MULTI cannot
    cache.write(file, origin, exported)
