"""8-bit forms of networks: numbers that were found offline, and the graph that is built of them.

A file of numbers says which inputs of which operations are rounded to 8 bits, in which range, and by how much a
convolution's bias makes up for what rounding adds on average. It has no weights: these are rounded here, each channel
by its own range. What it does not name stays in floats: ``scripts/quantise.py`` says why.

x86 without VNNI adds the products of two neighbouring channels in 16 bits. For such processors there are forms of their
own, whose weights are rounded so that no such sum overflows.
"""

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops
from openvino.passes import ConstantFolding, Manager

from mocast.errors import TrackingError
from mocast.tracking.openvino.networks.conversion import NetworkName
from mocast.tracking.openvino.networks.openvino_core import reason

FOLDER: Final = Path(__file__).with_name("quantised_forms")
"""``NAME.npz`` of each network that has an 8-bit form, and ``NAME_short_sums.npz``."""

QUANTISED: Final[frozenset[NetworkName]] = frozenset({"hand_landmark", "pose_landmark"})
"""Networks that have an 8-bit form."""

FILES_SHA256: Final[dict[str, str]] = {
    "hand_landmark.npz": "c297695b01450c849a326c67b17550c6ac57629047053c55622208a8e88081de",
    "hand_landmark_short_sums.npz": "c8a5a58522f4854859d398750d725d828c59b231251414ac3df31f31e3e1a1cf",
    "pose_landmark.npz": "7f494cb7408d79b4122478a05bee425763bb28abe67f4d3b82aa23553be29b37",
    "pose_landmark_short_sums.npz": "1d1706f2213a256a6089125dae1c9597a960b4d7a79ed9212aeb969c5f1c2909",
}
"""The hash of each file of numbers, which is thereby part of the cache's key."""

ACTIVATION_LEVELS: Final = 256
WEIGHT_LEVELS: Final = 255
"""From -127 to 127: symmetric, so that a weight of 0 stays 0."""
_SHORT_SUMS: Final = "_short_sums"
_LESS_THAN_ANY_PIXEL: Final = -2
"""Pixels are -1 or 0 to 1."""
_LEAST_LIMIT: Final = np.float32(1e-7)
"""A channel of zeros has a range, too."""


@dataclass(frozen=True, slots=True)
class QuantisedForm:
    """What the 8-bit form of a network has beside its graph; operations are numbered as in ``operations``."""

    fingerprint: str
    "Of the graph: ``fingerprint``."
    inputs: NDArray[np.int32]
    "(n, 2): operation and number of its input, of what is computed and rounded."
    channels: NDArray[np.int32]
    "(n,): how many ranges each has: 1, or one for each of its channels."
    ranges: NDArray[np.float32]
    "(r, 2): lowest and highest value of these, one after another."
    weights: NDArray[np.int32]
    "(m,): operations whose second input, weights, is rounded."
    biases: NDArray[np.int32]
    "(b,): additions whose second input, a bias for each channel, is corrected."
    corrections: NDArray[np.float32]
    "(c,): what is added to these, one after another."
    has_short_sums: bool = False
    "Whether no sum of two neighbouring channels' products needs more than 16 bits."

    @classmethod
    def load(cls, path: Path) -> "QuantisedForm":
        """Read a file. Raises ``OSError``, ``ValueError`` or ``KeyError``."""
        with np.load(path) as file:
            return cls(
                fingerprint=str(file["fingerprint"]),
                inputs=file["inputs"].astype(np.int32),
                channels=file["channels"].astype(np.int32),
                ranges=file["ranges"],
                weights=file["weights"].astype(np.int32),
                biases=file["biases"].astype(np.int32),
                corrections=file["corrections"].astype(np.float32),
                has_short_sums=path.stem.endswith(_SHORT_SUMS),
            )

    def save(self, path: Path) -> None:
        """Write a file: small integers in 16 bits, corrections in 16-bit floats."""
        np.savez_compressed(
            path,
            fingerprint=self.fingerprint,
            inputs=self.inputs.astype(np.int16),
            channels=self.channels.astype(np.int16),
            ranges=self.ranges,
            weights=self.weights.astype(np.int16),
            biases=self.biases.astype(np.int16),
            corrections=self.corrections.astype(np.float16),
        )


def form_file(name: NetworkName, *, has_short_sums: bool) -> Path:
    """Return where the numbers of a network's 8-bit form are."""
    return FOLDER / f"{name}{_SHORT_SUMS if has_short_sums else ''}.npz"


def quantise(name: NetworkName, graph: ov.Model, *, has_short_sums: bool) -> ov.Model:
    """Return the 8-bit form of ``read_graph(name)``, which is edited. Raises ``TrackingError``.

    ``has_short_sums``: for a processor that adds products of 8 bits in 16.
    """
    if name not in QUANTISED:
        raise TrackingError(f"the network {name} has no 8-bit form")
    try:
        form = QuantisedForm.load(form_file(name, has_short_sums=has_short_sums))
        fold_constants(graph)
        if form.fingerprint != fingerprint(graph):
            raise TrackingError(f"the 8-bit form of {name} is of another network than the one here")
        return _with_floats_before_planes(apply(form, graph))
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise TrackingError(f"the 8-bit form of {name} cannot be made: {reason(error)}") from error


def apply(form: QuantisedForm, graph: ov.Model) -> ov.Model:
    """Round and correct what the form names, in a graph of folded constants; return it."""
    nodes = operations(graph)
    _correct_biases(form, nodes)
    for number in form.weights:
        _round_weights(nodes[number], form)
    rounded: dict[tuple[str, int, bytes], Any] = {}
    of_inputs = np.split(form.ranges, np.cumsum(form.channels)[:-1])
    for (number, port), limits in zip(form.inputs, of_inputs, strict=True):
        target = nodes[number].input(int(port))
        source = target.get_source_output()
        key = (source.get_node().get_friendly_name(), source.get_index(), limits.tobytes())
        if key not in rounded:
            rounded[key] = _rounded(source, *_of_channels(limits), ACTIVATION_LEVELS)
        target.replace_source_output(rounded[key].output(0))
    graph.validate_nodes_and_infer_types()
    return graph


def _with_floats_before_planes(graph: ov.Model) -> ov.Model:
    """Keep the picture's scaling before its transposition to planes: return the graph with the same numbers.

    The plugin takes the scaling of an 8-bit input for that of a rounding, and moves it behind the transposition, which
    it then carries out, on bytes, and reverses. A maximum that changes nothing is in its way. Measured: a hand takes
    4.26 ms in place of 4.47.
    """
    (picture,) = graph.get_parameters()
    node = picture
    while node.get_type_name() != "Transpose":
        (node,) = (target.get_node() for target in node.output(0).get_target_inputs())
    floats = ops.maximum(node.input_value(0), ops.constant(np.float32(_LESS_THAN_ANY_PIXEL)))
    node.input(0).replace_source_output(floats.output(0))
    graph.validate_nodes_and_infer_types()
    return graph


def fold_constants(graph: ov.Model) -> None:
    """Compute what does not depend on the picture: weights become constants in the layout of their convolution.

    Otherwise the channels of a depthwise convolution's weights are not where they are looked for. The plugin would keep
    weights of 16 bits as they are, behind a ``Convert`` that is not folded.
    """
    for node in graph.get_ordered_ops():
        if node.get_type_name() == "Convert":
            source = node.input_value(0).get_node()
            if source.get_type_name() == "Constant":
                node.output(0).replace(ops.constant(source.get_data().astype(np.float32)).output(0))
    manager = Manager()
    manager.register_pass(ConstantFolding())
    manager.run_passes(graph)


def operations(graph: ov.Model) -> list[ov.Node]:
    """Return a graph's operations in the order of their computation, without constants."""
    return [node for node in graph.get_ordered_ops() if node.get_type_name() != "Constant"]


def fingerprint(graph: ov.Model) -> str:
    """Return a hash of a graph's operations and shapes: what the numbers of operations are valid for."""
    found = [
        (node.get_type_name(), *map(tuple, map(ov.Output.get_shape, node.outputs()))) for node in operations(graph)
    ]
    return sha256(repr(found).encode()).hexdigest()


def channel_limits(weights: NDArray[Any], *, has_short_sums: bool) -> NDArray[Any]:
    """Return what each channel's weights are rounded to 127ths of, in the shape (channels, 1, ...).

    It is the largest absolute weight. For short sums it is at least the sum of any two weights of one sign for
    neighbouring inputs: their sum is at most 128 then when both are rounded, and times bytes, of up to 255, at most
    32,640.
    """
    largest = _largest(np.abs(weights))
    if has_short_sums:
        for of_sign in (np.maximum(weights, 0), np.maximum(-weights, 0)):
            even, odd = of_sign[:, ::2], of_sign[:, 1::2]
            largest = np.maximum(largest, _largest(even[:, : odd.shape[1]] + odd))
    return np.maximum(largest, _LEAST_LIMIT).reshape(-1, *[1] * (weights.ndim - 1))


def _largest(weights: NDArray[Any]) -> NDArray[Any]:
    return cast("NDArray[Any]", weights.reshape(len(weights), -1).max(axis=1))


def _round_weights(node: ov.Node, form: QuantisedForm) -> None:
    source = node.input_value(1)
    limits = channel_limits(source.get_node().get_data(), has_short_sums=form.has_short_sums)
    node.input(1).replace_source_output(_rounded(source, -limits, limits, WEIGHT_LEVELS).output(0))


def _of_channels(limits: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the lowest and the highest values: a number each, or (1, channels, 1, 1)."""
    shape = () if len(limits) == 1 else (1, -1, 1, 1)
    return limits[:, 0].reshape(shape), limits[:, 1].reshape(shape)


def _rounded(source: ov.Output, low: Any, high: Any, levels: int) -> Any:
    low, high = ops.constant(np.asarray(low, np.float32)), ops.constant(np.asarray(high, np.float32))
    return ops.fake_quantize(source, low, high, low, high, levels)


def _correct_biases(form: QuantisedForm, nodes: list[ov.Node]) -> None:
    start = 0
    for number in form.biases:
        target = nodes[number].input(1)
        bias = target.get_source_output().get_node().get_data()
        correction = form.corrections[start : start + bias.size].reshape(bias.shape)
        target.replace_source_output(ops.constant(np.asarray(bias + correction, np.float32)).output(0))
        start += bias.size
