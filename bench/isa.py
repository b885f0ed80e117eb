"""How fast each form of each network is, and how far off, on this processor as it is: ``python -m bench.isa``.

``bench.engine --isa`` runs it once for each instruction set, in a process of its own that ``ONEDNN_MAX_CPU_ISA``
limits: OpenVINO reads that when it is loaded. All forms of a network run in turns; the shortest processor time counts.
Errors are those of drawn people and hands, against f32 in the same process. Its last line is JSON.
"""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import cv2

from bench.report import table
from mocast import logs
from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import SPECS, NetworkName, NetworkPrecision
from mocast.tracking.openvino.networks.quantised import QUANTISED
from mocast.tracking.openvino.runtime.devices import device
from mocast.tracking.openvino.runtime.form_chooser import CAPABILITIES
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest
from mocast.tracking.openvino.runtime.network_form import CPU, REFERENCE_FORM, NetworkForm
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.runtime.precision import F32_PROBE, PROBES, distance

RUNS: Final = 24
NETWORKS: Final[tuple[NetworkName, ...]] = (
    "hand_landmark",
    "pose_landmark",
    "face_landmark",
    "hand_recrop",
    "pose_detection",
    "palm_detection",
    "face_detection",
)
FLAGS: Final[Mapping[str, str]] = {
    "AVX2": "avx2",
    "AVX2_VNNI": "avx_vnni",
    "AVX512_CORE": "avx512bw",
    "AVX512_CORE_VNNI": "avx512_vnni",
    "AVX512_CORE_BF16": "avx512_bf16",
    "AVX512_CORE_AMX": "amx_int8",
}
"""oneDNN's name of an instruction set → the flag in ``/proc/cpuinfo`` of a processor that has it."""

FORMS: Final[tuple[NetworkPrecision, ...]] = get_args(NetworkPrecision)[1:]
Found = dict[str, Any]


def shown_here(cpuinfo: Path = Path("/proc/cpuinfo")) -> list[str]:
    """Return which instruction sets this processor has: a limit to another one shows nothing of it."""
    try:
        text = cpuinfo.read_text(errors="replace")
    except OSError:
        return []
    flags = {flag for line in text.splitlines() if line.startswith("flags") for flag in line.split()}
    return [name for name, flag in FLAGS.items() if flag in flags]


def main() -> None:
    logs.configure("console", "error")
    registry = NetworkRegistry(streams=1, cache_folder=None)
    found: dict[str, Found] = {}
    for name in NETWORKS:
        one = measured(name, registry)
        if name in PROBES:
            one["auto"] = str(registry.choice(name, "reduced").form)
        found[name] = one
    print(json.dumps(found))
    registry.close()


def measured(name: NetworkName, registry: NetworkRegistry) -> Found:
    """Return ``ms`` of f32, and of each other form its ``share`` of that, ``px`` and ``m`` off; or why it fails."""
    requests: dict[str, InferenceRequest] = {}
    found: Found = {}
    for form in (REFERENCE_FORM, *forms(name)):
        try:
            requests[str(form)] = started(name, form, registry)
        except TrackingError as error:
            found[str(form)] = {"failed": str(error)}
    times = dict(zip(requests, in_turns(list(requests.values())), strict=True))
    reference = requests.pop("f32")
    for form, request in requests.items():
        px, m = distance(reference.run(), request.run())
        found[form] = {"share": times[form] / times["f32"], "px": px, "m": m}
    return {"ms": 1e3 * times["f32"], **found}


def forms(name: NetworkName) -> Iterator[NetworkForm]:
    """Yield what this processor lists, and this network has."""
    listed = {"f32", *(floats for one, floats in CAPABILITIES.items() if one in device(CPU).capabilities)}
    for precision in FORMS:
        form = NetworkForm(precision)
        if form.floats in listed and (not form.is_quantised or name in QUANTISED):
            yield form


def started(name: NetworkName, form: NetworkForm, registry: NetworkRegistry) -> InferenceRequest:
    """Return a request that ran once on a drawing. Raises ``TrackingError``."""
    request, size = registry.request_as(name, form), SPECS[name].size
    probe = PROBES.get(name, PROBES["hand_landmark"] if name.startswith(("hand", "palm")) else F32_PROBE)
    request.picture[:] = cv2.resize(probe.draw(), (size, size), interpolation=cv2.INTER_AREA)
    request.run()
    return request


def in_turns(requests: Sequence[InferenceRequest]) -> list[float]:
    """Return the shortest processor time of each, s."""
    times: list[list[float]] = [[] for _ in requests]
    for _ in range(RUNS):
        for request, spent in zip(requests, times, strict=True):
            started_at = time.thread_time()
            request.run()
            spent.append(time.thread_time() - started_at)
    return [min(spent) for spent in times]


def report(of_sets: Mapping[str, Mapping[str, Found]], missing: Sequence[str]) -> str:
    """Return a table: a row for each network and instruction set, a column for each form that there is."""
    seen = {form for found in of_sets.values() for one in found.values() for form in one if form in FORMS}
    columns = [form for form in FORMS if form in seen]
    rows = [
        [name, isa, f"{found[name]['ms']:.2f}", *(cell(found[name].get(form)) for form in columns), auto(found[name])]
        for name in NETWORKS
        for isa, found in of_sets.items()
    ]
    headings = [
        "network",
        "at most",
        "f32, ms",
        *(f"{form}: share of f32's time (px, mm off)" for form in columns),
        "auto",
    ]
    text = table(headings, rows)
    return f"{text}\n\nThis processor does not have, so cannot show: {', '.join(missing)}." if missing else text


def report_frames(of_sets: Mapping[str, Found]) -> str:
    """Return a table of ``bench.tracking``'s figures of ``holistic``: a row for each instruction set, by processor
    time."""
    rows = []
    for isa, found in of_sets.items():
        (bare, reference), *ours = found["tracking"]["holistic"].items()
        faster = (f"{one['cpu_ms']}, {one['processor_speedup']}" for _, one in ours)
        rows.append([isa, f"{bare}: {reference['cpu_ms']}", *faster, found["precision"]])
    (_, *names) = next(iter(of_sets.values()))["tracking"]["holistic"]
    return table(["at most", "not limited, ms", *(f"{name}: ms, times as fast" for name in names), "reduced to"], rows)


def cell(of_form: Found | None) -> str:
    if of_form is None:
        return ""
    if "failed" in of_form:
        return "does not run"
    return f"{of_form['share']:.2f} ({of_form['px']:.2f}, {1e3 * of_form['m']:.1f})"


def auto(of_network: Found) -> str:
    return str(of_network.get("auto", "f32"))


if __name__ == "__main__":
    main()
