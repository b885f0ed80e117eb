"""The maker of server/mocast/tracking/openvino/networks/quantised_forms: numbers from which 8-bit networks are built.

    make quantise ARGS="one.mp4 --others another.mp4"

Runs the networks over clips of people as ``exact`` does, keeps what they were shown, has NNCF (post-training
quantisation) find each activation's range, and corrects biases. Then shows how far the 8-bit networks are from those of
32-bit floats in clips of others. Neither pictures nor NNCF are needed afterwards.
"""

import argparse
import logging
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Final, cast

import nncf
import numpy as np
import openvino as ov
from bench.clips import stream
from numpy.typing import NDArray
from openvino import opset13 as ops

from mocast.model.frame import RgbImage
from mocast.model.topology import POSE_COUNT
from mocast.tracking.openvino.engine import NetworkTracker
from mocast.tracking.openvino.graph.holistic import HolisticTracker
from mocast.tracking.openvino.networks import quantised
from mocast.tracking.openvino.networks.conversion import SPECS, NetworkName, WantedPrecision, read_graph
from mocast.tracking.openvino.networks.mixed_precision import names_behind
from mocast.tracking.openvino.networks.openvino_core import core
from mocast.tracking.openvino.networks.quantised import QuantisedForm, fingerprint, fold_constants, operations
from mocast.tracking.openvino.regions.heatmap import refine
from mocast.tracking.openvino.runtime.inference_request import InferenceRequest, Outputs
from mocast.tracking.openvino.runtime.network_registry import NetworkRegistry
from mocast.tracking.openvino.schedule.quality_profile import PROFILES

NAMES: Final[tuple[NetworkName, ...]] = ("hand_landmark", "pose_landmark")
CROPS: Final = 300
"""By which ranges are found, at most, spread over the clips."""
MIN_SCORE: Final = 0.5
"""From which a hand or a body counts as there, as in MediaPipe."""
DEPTHWISE: Final = "GroupConvolution"
LEAST_RANGE: Final = 1e-3
"""Of a channel that is 0 in all crops."""
WEIGHTED: Final = ("Convolution", "GroupConvolution", "MatMul")
HAND_ROUNDED: Final = slice(5, 41)
"""Of the hand's 47 convolutions, those that may be rounded; sums of two blocks, and what is pooled, may not."""
POSE_BRANCH_ROUNDED: Final = 20
"""Of the 27 convolutions after the trunk that end in landmarks and world landmarks, the first ones, which may be
rounded; the last two blocks and the ends may not, nor any sum of two blocks."""


class RecordingRegistry(NetworkRegistry):
    """Keeps the input of every inference of ``NAMES``."""

    def __init__(self) -> None:
        super().__init__(streams=1, cache_folder=None)
        self.crops: dict[NetworkName, list[RgbImage]] = {}

    def request(self, name: NetworkName, wanted: WantedPrecision = "f32") -> InferenceRequest:
        """Return a request, whose runs are recorded."""
        request = super().request(name, wanted)
        if name not in NAMES:
            return request
        crops, run = self.crops.setdefault(name, []), request.run

        def recorded() -> Outputs:
            crops.append(request.picture.copy())
            return run()

        request.run = recorded  # type: ignore[method-assign]
        return request


def crops_of(clips: Sequence[Path]) -> dict[NetworkName, list[RgbImage]]:
    """Return what each network is shown while clips are tracked."""
    networks = RecordingRegistry()
    for clip in clips:
        tracker = NetworkTracker(HolisticTracker(networks, PROFILES["exact"]), networks.workers)
        for frame in stream(clip, None):
            tracker.track(frame)
        tracker.close()
    networks.close()
    return networks.crops


def spread(crops: Sequence[RgbImage], count: int) -> list[RgbImage]:
    """Return up to ``count`` of them, at equal distances."""
    return [crops[number] for number in np.linspace(0, len(crops) - 1, min(count, len(crops))).astype(int)]


def form_of(name: NetworkName, crops: Sequence[RgbImage]) -> QuantisedForm:
    """Return a network's 8-bit form for processors with VNNI, by what it is shown."""
    graph = read_graph(name)
    fold_constants(graph)
    made = nncf.quantize(
        graph,
        nncf.Dataset(crops, lambda crop: crop[None]),
        preset=nncf.QuantizationPreset.MIXED,
        target_device=nncf.TargetDevice.CPU,
        subset_size=len(crops),
        ignored_scope=nncf.IgnoredScope(names=[node.get_friendly_name() for node in floats(name, graph)]),
        # Weights have all of their 8 bits; without VNNI, those that ``with_short_sums`` leaves them.
        advanced_parameters=nncf.AdvancedQuantizationParameters(
            overflow_fix=nncf.OverflowFix.DISABLE, disable_bias_correction=True
        ),
    )
    return completed(name, read_form(graph, made), graph, crops)


def completed(name: NetworkName, form: QuantisedForm, graph: ov.Model, crops: Sequence[RgbImage]) -> QuantisedForm:
    """Return what NNCF found, with what is found here: ranges of channels, and corrections."""
    if name == "hand_landmark":
        form = with_channel_ranges(form, graph, crops)
    return with_corrections(form, graph, crops)


def with_short_sums(form: QuantisedForm, graph: ov.Model, crops: Sequence[RgbImage]) -> QuantisedForm:
    """Return the form for processors without VNNI, by that for others.

    Depthwise convolutions and sums of two blocks stay in floats: with AVX2 they are slower in 8 bits.
    """
    nodes = operations(graph)
    kinds = [nodes[number].get_type_name() for number, _ in form.inputs]
    kept = [place for place, kind in enumerate(kinds) if kind not in {DEPTHWISE, "Add"}]
    ranges = np.split(form.ranges, np.cumsum(form.channels)[:-1])
    short = replace(
        form,
        inputs=form.inputs[kept],
        channels=form.channels[kept],
        ranges=np.concatenate([ranges[place] for place in kept]),
        weights=np.array([one for one in form.weights if nodes[one].get_type_name() != DEPTHWISE], np.int32),
        has_short_sums=True,
    )
    return with_corrections(short, graph, crops)


def with_channel_ranges(form: QuantisedForm, graph: ov.Model, crops: Sequence[RgbImage]) -> QuantisedForm:
    """Return the form with a range for each channel before depthwise convolutions: the least and the greatest value.

    Of a body they would cost speed for nothing that shows (docs/tracking-8-bits.md).
    """
    nodes = operations(graph)
    chosen = [place for place, (number, _) in enumerate(form.inputs) if nodes[number].get_type_name() == DEPTHWISE]
    values = [nodes[form.inputs[place][0]].input_value(int(form.inputs[place][1])) for place in chosen]
    area = ops.constant(np.array([2, 3], np.int64))
    results = [ops.result(find(value, area, False)) for value in values for find in (ops.reduce_min, ops.reduce_max)]
    found = outputs_of(ov.Model(results, graph.get_parameters(), "ranges"), crops)
    ends = [np.stack(one) for one in zip(*found, strict=True)]
    ranges = np.split(form.ranges, np.cumsum(form.channels)[:-1])
    for place, lows, highs in zip(chosen, ends[::2], ends[1::2], strict=True):
        low = np.minimum(lows.min((0, 1)), 0)
        limits = np.stack([low, np.maximum(highs.max((0, 1)), low + LEAST_RANGE)], 1)
        ranges[place] = limits.astype(np.float16).astype(np.float32)  # a smaller file
    counts = np.array([len(one) for one in ranges], np.int32)
    return replace(form, channels=counts, ranges=np.concatenate(ranges))


def floats(name: NetworkName, graph: ov.Model) -> list[ov.Node]:
    """Return the operations that stay in floats: those whose rounding made most of the error (docs/tracking-8-bits.md).

    They are the first ones, whose depthwise weights cancel each other, and the ends, which sum up to a position.
    """
    nodes = operations(graph)
    weighted = [node for node in nodes if node.get_type_name() in WEIGHTED]
    if name == "hand_landmark":
        pooled = [node for node in nodes if node.get_type_name() == "ReduceMean"]
        return weighted[: HAND_ROUNDED.start] + weighted[HAND_ROUNDED.stop :] + sums_of_blocks(nodes) + pooled
    before_heatmap = names_behind([graph.get_results()[2].input_value(0)])
    branch = [node for node in nodes if node.get_friendly_name() not in before_heatmap]
    ends = [node for node in branch if node.get_type_name() in WEIGHTED][POSE_BRANCH_ROUNDED:]
    return weighted[:8] + ends + sums_of_blocks(branch)


def sums_of_blocks(nodes: Sequence[ov.Node]) -> list[ov.Node]:
    """Return the additions that add no bias."""
    return [node for node in nodes if node.get_type_name() == "Add" and not _has_constant(node)]


def _has_constant(node: ov.Node) -> bool:
    return any(value.get_node().get_type_name() == "Constant" for value in node.input_values())


def read_form(graph: ov.Model, made: ov.Model) -> QuantisedForm:
    """Return what NNCF added to a graph, whose operations keep their names."""
    after = {node.get_friendly_name(): node for node in made.get_ordered_ops()}
    inputs, ranges, weights = [], [], []
    for number, node in enumerate(operations(graph)):
        for port, value in enumerate(node.input_values()):
            now = after[node.get_friendly_name()].input_value(port).get_node()
            if now.get_type_name() == "FakeQuantize":
                inputs.append((number, port))
                ranges.append(_range(now))
            elif value.get_node().get_type_name() == "Constant" != now.get_type_name():
                weights.append(number)  # stored in 8 bits, and multiplied by a scale for each channel
    return QuantisedForm(
        fingerprint(graph),
        np.array(inputs, np.int32),
        np.ones(len(ranges), np.int32),
        np.array(ranges, np.float32),
        np.array(weights, np.int32),
        np.zeros(0, np.int32),
        np.zeros(0, np.float32),
    )


def _range(rounding: ov.Node) -> tuple[float, float]:
    """Return the lowest and the highest value of a FakeQuantize, of all channels together.

    NNCF has a range for each channel before depthwise convolutions. OpenVINO's kernel for these is slower, and a hand's
    are found anew in ``with_channel_ranges``.
    """
    low, high = (rounding.input_value(place).get_node().get_data() for place in (1, 2))
    return float(low.min()), float(high.max())


def with_corrections(form: QuantisedForm, graph: ov.Model, crops: Sequence[RgbImage]) -> QuantisedForm:
    """Return the form with what rounding takes from a channel on average added to its bias.

    First for the weights of each layer, by its inputs' means. Then for the outputs, by what they are without rounding
    and with it: landmarks are all off by some pixels in one direction otherwise. (NNCF has the first kind for layers
    that are not depthwise, and seen at their outputs: the hand's world landmarks were off by 3.1 mm with it.)
    """
    nodes = operations(graph)
    numbers = {node.get_friendly_name(): number for number, node in enumerate(nodes)}
    found: dict[int, NDArray[np.float64]] = {}
    inputs = channel_means(graph, [nodes[number].input_value(0) for number in form.weights], crops)
    for number, means in zip(form.weights, inputs, strict=True):
        (addition,) = (target.get_node() for target in nodes[number].output(0).get_target_inputs())
        weights = nodes[number].input_value(1).get_node().get_data().astype(np.float64)
        lost = weights - rounded_weights(weights, form)
        is_depthwise = nodes[number].get_type_name() == "GroupConvolution"
        found[numbers[addition.get_friendly_name()]] = (
            lost.sum((1, 2, 3, 4)) * means if is_depthwise else lost.sum((2, 3)) @ means
        )
    form = with_biases(form, found)
    ends = [numbers[_last_addition(result).get_friendly_name()] for result in graph.get_results()]
    rounded = quantised.apply(form, graph.clone())
    floats_means = channel_means(graph, [nodes[number].output(0) for number in ends], crops)
    after = {node.get_friendly_name(): node for node in operations(rounded)}
    outputs = [after[nodes[number].get_friendly_name()].output(0) for number in ends]
    for number, right, wrong in zip(ends, floats_means, channel_means(rounded, outputs, crops), strict=True):
        found[number] = found.get(number, 0) + right - wrong
    return with_biases(form, found)


def with_biases(form: QuantisedForm, corrections: dict[int, NDArray[np.float64]]) -> QuantisedForm:
    """Return the form with these corrections, by operation."""
    biases = np.array(list(corrections), np.int32)
    return replace(form, biases=biases, corrections=np.concatenate(list(corrections.values())).astype(np.float32))


def _last_addition(result: ov.Node) -> ov.Node:
    node = result
    while node.get_type_name() != "Add":
        node = node.input_value(0).get_node()
    return node


def rounded_weights(weights: NDArray[np.float64], form: QuantisedForm) -> NDArray[np.float64]:
    """Return weights as the 8-bit form has them."""
    step = quantised.channel_limits(weights, has_short_sums=form.has_short_sums) * 2 / (quantised.WEIGHT_LEVELS - 1)
    return cast("NDArray[np.float64]", np.round(weights / step) * step)


def channel_means(graph: ov.Model, values: Sequence[ov.Output], crops: Sequence[RgbImage]) -> list[NDArray[np.float64]]:
    """Return the mean of each channel of these values of a graph, over crops."""
    area = ops.constant(np.array([2, 3], np.int64))
    results = [
        ops.result(ops.reduce_mean(value, area, False) if len(value.get_shape()) == 4 else value) for value in values
    ]
    found = outputs_of(ov.Model(results, graph.get_parameters(), "means"), crops)
    return [np.mean(one, axis=0, dtype=np.float64).ravel() for one in zip(*found, strict=True)]


Found = list[tuple[NDArray[np.float32], ...]]
"""A network's outputs, crop by crop."""


def outputs_of(graph: ov.Model, crops: Sequence[RgbImage]) -> Found:
    """Run a graph on crops."""
    settings = {"NUM_STREAMS": 1, "INFERENCE_NUM_THREADS": 1, "INFERENCE_PRECISION_HINT": "f32"}
    request = core().compile_model(graph, "CPU", settings).create_infer_request()
    return [tuple(value.copy() for value in request.infer(crop[None]).values()) for crop in crops]


def points_of(name: NetworkName, outputs: Outputs) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (n, 2) pixels of the crop and (n, 3) millimetres of the landmarks: of a body, the 33 of MediaPipe."""
    if name == "hand_landmark":
        return outputs[0][:, :2], outputs[3] * 1000
    landmarks, _, heatmap, world = outputs
    side = np.float32(SPECS[name].size)
    inside = landmarks[:, :3] / side
    refine(inside, heatmap)
    return inside[:POSE_COUNT, :2] * side, world[:POSE_COUNT] * 1000


def errors_row(path: Path, name: NetworkName, crops: Sequence[RgbImage]) -> str:
    """Return a row of a table: how far the 8-bit network is from the one of floats, in crops that both find used."""
    form = QuantisedForm.load(path)
    graph, rounded = read_graph(name), read_graph(name)
    fold_constants(rounded)
    pixels, millimetres, flips = [], [], 0
    for one, other in zip(outputs_of(graph, crops), outputs_of(quantised.apply(form, rounded), crops), strict=True):
        there = [outputs[1].item() > MIN_SCORE for outputs in (one, other)]
        flips += there[0] != there[1]
        if all(there):
            shown = one[0][:POSE_COUNT, 3] > 0 if name == "pose_landmark" else slice(None)
            (points, world), (points_8, world_8) = (points_of(name, outputs) for outputs in (one, other))
            pixels.append(np.linalg.norm(points - points_8, axis=1)[shown])
            millimetres.append(np.linalg.norm(world - world_8, axis=1)[shown])
    cells = (
        " / ".join(f"{np.percentile(np.concatenate(one), share):.2f}" for share in (50, 95))
        for one in (pixels, millimetres)
    )
    return f"| {path.stem} | {' | '.join(cells)} | {flips} of {len(crops)} |"


def main() -> None:
    """Make the files; print the errors, and the hashes that belong into quantised.py."""
    arguments = options().parse_args()
    nncf.set_log_level(logging.ERROR)
    own, others = crops_of(arguments.clips), crops_of(arguments.others)
    quantised.FOLDER.mkdir(exist_ok=True)
    print("| network | px of the crop, median / p95 | world mm, median / p95 | presence differs |")
    print("| --- | --- | --- | --- |")
    for name in NAMES:
        crops = spread(own[name], CROPS)
        form = form_of(name, crops)
        graph = read_graph(name)
        fold_constants(graph)
        for made in (form, with_short_sums(form, graph, crops)):
            path = quantised.form_file(name, has_short_sums=made.has_short_sums)
            made.save(path)
            print(errors_row(path, name, spread(others[name], CROPS)), flush=True)
    for path in sorted(quantised.FOLDER.glob("*.npz")):
        print(f'    "{path.name}": "{sha256(path.read_bytes()).hexdigest()}",')


def options() -> argparse.ArgumentParser:
    """Return what the command takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clips", type=Path, nargs="+", help="videos of people, by whose crops ranges are found")
    parser.add_argument("--others", type=Path, nargs="+", required=True, help="videos of others, to measure errors on")
    return parser


if __name__ == "__main__":
    main()
