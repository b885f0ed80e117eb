"""Loads MediaPipe's native part alone, without the Python packages around it.

``import mediapipe`` pulls in its solutions and tasks, and with them matplotlib: over a second and 60 MB that Mocast
has no use for. The native module needs none of them. It is loaded under its full name, so that a later
``import mediapipe`` in the same process (the parity tests do that) finds this very module.
"""

import os
import sys
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import module_from_spec
from threading import Lock
from types import ModuleType

from mocast.errors import TrackingError
from mocast.tracking.networks_folder import package_folder

NATIVE_MODULE = "mediapipe.python._framework_bindings"

_loading = Lock()


def native() -> ModuleType:
    """Return MediaPipe's native module; the first call loads it. Raises ``TrackingError`` where it cannot."""
    with _loading:
        return sys.modules.get(NATIVE_MODULE) or _load()


def specification() -> ModuleSpec:
    """Return what the native module is loaded by, without loading it. Raises ``TrackingError`` where there is none."""
    spec = PathFinder.find_spec(NATIVE_MODULE, [str(package_folder() / "python")])
    if spec is None or spec.loader is None:
        raise TrackingError(f"the installed mediapipe has no {NATIVE_MODULE}")
    return spec


def _load() -> ModuleType:
    spec = specification()
    os.environ.setdefault("GLOG_minloglevel", "2")
    module = module_from_spec(spec)
    sys.modules[NATIVE_MODULE] = module
    try:
        spec.loader.exec_module(module)  # type: ignore[union-attr]
    except BaseException:
        del sys.modules[NATIVE_MODULE]
        raise
    # Calculators name files such as "mediapipe/modules/.../handedness.txt" relative to this folder.
    module.resource_util.set_resource_dir(str(package_folder().parent))
    return module
