"""Choice of each network's form: as set, or the fastest that is near enough to f32, measured once on each machine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from threading import Lock
from types import MappingProxyType
from typing import Final, NamedTuple

import orjson
import structlog

from mocast.errors import TrackingError
from mocast.tracking.engines import DeviceSetting, PrecisionSetting
from mocast.tracking.openvino.networks.conversion import NetworkName, NetworkPrecision, WantedPrecision
from mocast.tracking.openvino.networks.quantised import QUANTISED
from mocast.tracking.openvino.runtime.compiled_cache import CompiledCache
from mocast.tracking.openvino.runtime.devices import (
    Device,
    device,
    device_names,
    selected,
)
from mocast.tracking.openvino.runtime.network_form import CPU, REFERENCE_FORM, Floats, NetworkForm
from mocast.tracking.openvino.runtime.precision import (
    MAX_TIME_SHARE,
    PROBES,
    Clocks,
    FormMeter,
    MakeRequest,
    Measured,
)

log = structlog.get_logger(__name__)

Plan = Mapping[NetworkName, NetworkForm]
CAPABILITIES: Final[dict[str, Floats]] = {"FP16": "f16", "BF16": "bf16"}
"""OpenVINO's names of what a device may compute with, the nearer to f32 first."""


class FormChoice(NamedTuple):
    """A network's form, and why it is that."""

    form: NetworkForm
    why: str
    measured: tuple[Measured, ...] = ()


class FormSettings(NamedTuple):
    """What was set: one precision or ``auto``, one device or ``auto``, or each network's form."""

    precision: PrecisionSetting = "auto"
    device: DeviceSetting = "cpu"
    plan: Plan = MappingProxyType({})


DEFAULTS: Final = FormSettings()

ChooseApart = Callable[[NetworkName, WantedPrecision, Callable[[], bool]], bool]

STARTS_WITH_A_FAILURE: Final = 2
"""So many starts in a row measure a network of which a form does not run, then the answer is kept: the reason may have
been one of that moment (memory, disk space), but mostly it is the processor."""

_REFERENCE: Final = Measured(REFERENCE_FORM, 1.0, 0.0, 0.0, is_near=True)


class Candidates(NamedTuple):
    """Forms of a network on one device, the nearest to f32 first."""

    device: str
    floats: tuple[Floats, ...]
    is_quantised: bool
    "Whether its int8 form is tried, too, with the best of ``floats`` for the rest."

    @property
    def is_processor_alone(self) -> bool:
        """Whether there is nothing but f32 on the processor, which needs no measurement."""
        return self == Candidates(CPU, ("f32",), False)

    @property
    def is_empty(self) -> bool:
        """Whether the device has nothing for this network."""
        return not self.floats and not self.is_quantised


def candidates(
    name: NetworkName, wanted: WantedPrecision, precision: PrecisionSetting, devices: Sequence[Device]
) -> Iterator[Candidates]:
    """Yield what is measured for a network."""
    for one in devices:
        listed = tuple(floats for name_, floats in CAPABILITIES.items() if name_ in one.capabilities)
        full: tuple[Floats, ...] = ("f32",) if "FP32" in one.capabilities else ()
        has_int8 = name in QUANTISED and "INT8" in one.capabilities
        if wanted == "f32" or name not in PROBES or precision == "f32":
            yield Candidates(one.name, full, False)
        elif precision == "auto":
            yield Candidates(one.name, (*full, *listed), has_int8)
        elif precision == "int8":
            yield Candidates(one.name, full or listed[:1], has_int8)
        else:
            # bf16 runs on some processors that do not list it, slowly.
            runs = precision in listed or (precision == "bf16" and one.name == CPU)
            yield Candidates(one.name, (precision,) if runs else full, False)


def choose(all_of: Sequence[Candidates], meter: FormMeter) -> FormChoice:
    """Return the fastest form that is near enough: f32 on the processor where there is none.

    One that is further from f32 must be clearly faster. Without the processor among the devices anything near will do.
    """
    measured: list[Measured] = []
    chosen = _REFERENCE if any(one.device == CPU for one in all_of) else None
    for one in all_of:
        of_device: Measured | None = _REFERENCE if one.device == CPU else None
        for floats in one.floats:
            of_device = _faster(of_device, _measured(NetworkForm(floats, one.device), meter, measured))
        if one.is_quantised:
            rest = of_device.form.floats if of_device is not None else "f32"
            precision: NetworkPrecision = {"f32": "int8", "f16": "int8_f16", "bf16": "int8_bf16"}[rest]  # type: ignore[assignment]
            of_device = _faster(of_device, _measured(NetworkForm(precision, one.device), meter, measured))
        if of_device is not None:
            chosen = _faster(chosen, of_device)
    form = REFERENCE_FORM if chosen is None else chosen.form
    return FormChoice(form, "; ".join(map(str, measured)) or "nothing else to try", tuple(measured))


def _measured(form: NetworkForm, meter: FormMeter, measured: list[Measured]) -> Measured:
    if form == REFERENCE_FORM:
        return _REFERENCE
    measured.append(meter.measured(form))
    return measured[-1]


def _faster(nearer: Measured | None, other: Measured) -> Measured | None:
    if not other.is_near or other is nearer:
        return nearer
    return other if nearer is None or other.share <= MAX_TIME_SHARE * nearer.share else nearer


def _why_nothing_is_tried(wanted: WantedPrecision, settings: FormSettings, tried: Sequence[Candidates]) -> str:
    if wanted == "f32":
        return "f32 in every quality" if tried[0].device == CPU else f"{tried[0].device} has no f32"
    if settings.precision in ("auto", "f32"):
        return "as set" if settings.precision == "f32" else "this machine has nothing faster to try"
    return f"{settings.precision} is set, which this network or this machine has not"


class _Kept(NamedTuple):
    """A choice in the cache."""

    choice: FormChoice
    starts: int
    "In a row that it was made at, and a form failed."
    failures: dict[str, str]
    "By form that does not run: why."

    @property
    def is_doubtful(self) -> bool:
        """Whether the next start measures again."""
        return 0 < self.starts < STARTS_WITH_A_FAILURE


class FormChooser:
    """Says which form each network takes, and why. Its methods may be called from any thread."""

    def __init__(
        self,
        settings: FormSettings,
        make_request: MakeRequest,
        cache: CompiledCache,
        origin: Callable[[NetworkName], bytes],
        *,
        on_choice: Callable[[NetworkName, NetworkForm], None] = lambda name, form: None,
        choose_apart: ChooseApart = lambda name, wanted, is_kept: False,
    ) -> None:
        """``origin``: what a network is made from and computed on. ``on_choice`` is called when forms were measured.
        ``choose_apart``: has another process measure them for the same cache, unless the choice ``is_kept`` there by
        then; returns whether it is.

        Raises ``TrackingError`` for a missing device.
        """
        self._settings = settings
        self._make_request = make_request
        self._cache = cache
        self._origin = origin
        self._on_choice = on_choice
        self._choose_apart = choose_apart
        names = (CPU,) if settings.device == "cpu" else selected(settings.device, device_names())
        self._devices = [device(name) for name in names]
        self._measuring = Lock()
        self._choices: dict[tuple[NetworkName, WantedPrecision], FormChoice] = {}

    def choice(self, name: NetworkName, wanted: WantedPrecision) -> FormChoice:
        """Return a network's form; where it must be measured, the first call does. Raises ``TrackingError``."""
        if name not in PROBES:
            wanted = "f32"
        if self._settings.plan and wanted == "reduced":
            return FormChoice(self._settings.plan.get(name, REFERENCE_FORM), "as the first worker chose")
        is_free = self._settings.device == "auto" and wanted == "f32"
        tried = tuple(candidates(name, wanted, self._settings.precision, self._devices[: 1 if is_free else None]))
        if all(one.is_processor_alone or one.is_empty for one in tried):
            return FormChoice(REFERENCE_FORM, _why_nothing_is_tried(wanted, self._settings, tried))
        if (as_set := self._as_set(tried)) is not None:
            return as_set
        with self._measuring:
            if (name, wanted) not in self._choices:
                self._choices[name, wanted] = found = self._kept(name, wanted, tried)
                self._on_choice(name, found.form)
            return self._choices[name, wanted]

    def _as_set(self, tried: Sequence[Candidates]) -> FormChoice | None:
        """Return the one form on the processor that was set, which is not measured."""
        precision, (first, *others) = self._settings.precision, tried
        if precision == "auto" or others or first.device != CPU:
            return None
        return FormChoice(NetworkForm("int8" if first.is_quantised else first.floats[0]), "as set")

    def _kept(self, name: NetworkName, wanted: WantedPrecision, tried: Sequence[Candidates]) -> FormChoice:
        """Return what the cache holds for these candidates, or else measure and keep it. Raises ``TrackingError``."""
        try:
            origin = self._origin(name) + repr((tried, self._devices)).encode()
        except OSError as error:
            raise TrackingError(f"the network {name} cannot be read: {error}") from error
        file = f"choice-{name}-{'-'.join(one.device for one in tried)}"
        kept = self._read(file, origin)
        if kept is not None and not kept.is_doubtful:
            return kept.choice
        starts = 0 if kept is None else kept.starts

        def is_kept() -> bool:
            found = self._read(file, origin)
            return found is not None and not found.is_doubtful

        if self._choose_apart(name, wanted, is_kept) and (kept := self._read(file, origin)) is not None:
            _tell(name, kept.choice, kept.failures)
            return kept.choice
        found = choose(tried, FormMeter(name, self._make_request, Clocks()))
        failures = {str(one.form): one.failure for one in found.measured if one.failure}
        _tell(name, found, failures)
        starts = starts + 1 if failures else 0
        self._cache.write(file, origin, orjson.dumps([str(found.form), found.why, starts, failures]))
        return found

    def _read(self, file: str, origin: bytes) -> _Kept | None:
        if (kept := self._cache.read(file, origin)) is None:
            return None
        form, why, starts, failures = orjson.loads(kept)
        return _Kept(FormChoice(NetworkForm.parsed(form), why), starts, failures)


def _tell(name: NetworkName, choice: FormChoice, failures: Mapping[str, str]) -> None:
    for form, reason in failures.items():
        log.warning("a network does not run", network=name, form=form, reason=reason)
    log.info("a network's form is chosen", network=name, form=str(choice.form), measured=choice.why)
