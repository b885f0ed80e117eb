"""A running MediaPipe graph: packets in, packets out."""

from collections.abc import Mapping
from typing import Any

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.graph_builder import GraphSpec
from mocast.tracking.mediapipe.stderr_filter import filtered_stderr

Packet = Any
"""A MediaPipe packet: a reference to an immutable value, which is freed with the last reference."""

Packets = dict[str, Packet]
"""Packets by the names of their streams."""


def image_packet(rgb: RgbImage) -> Packet:
    """Return a packet that refers to a picture's pixels, which must not change while a graph runs on it."""
    bindings = native()
    pixels = rgb.view()
    pixels.flags.writeable = False
    return bindings._packet_creator._create_image_frame_from_pixel_data(
        bindings.image_frame.ImageFormat.SRGB, pixels, False
    )


class GraphRunner:
    """A graph that was built and started. Used from one thread at a time."""

    def __init__(self, graph: GraphSpec, models: Mapping[str, Packet]) -> None:
        """Build and start a graph with its networks, ``models``, by name. Raises ``TrackingError``."""
        bindings = native()
        self._inputs = graph.inputs
        self._nothing = bindings.packet.Packet()
        self._time_us = 0
        self._out: list[tuple[str, Packet]] = []
        out = self._out
        try:
            with filtered_stderr():
                running = bindings.calculator_graph.CalculatorGraph(graph_config=graph.text)
                for stream in graph.outputs:
                    # Called on the graph's threads, so it does as little as it can with the GIL held. It refers to the
                    # list, not to self: the graph keeps it, and a cycle through native code is never collected.
                    running.observe_output_stream(stream, lambda name, packet: out.append((name, packet)))
                running.start_run(dict(models))
                running.wait_until_idle()  # only now calculators are opened and networks prepared
        except (RuntimeError, ValueError) as error:
            raise TrackingError(f"MediaPipe could not build a graph: {error}") from error
        self._graph: Any = running

    def run(self, packets: Mapping[str, Packet], time_us: int | None = None) -> Packets:
        """Return the graph's output packets for one picture, by stream.

        ``packets``: by input stream; the other inputs are empty. ``time_us`` must increase and matters to graphs with
        filters over time alone. Raises ``TrackingError``, after which the graph must be closed.
        """
        if self._graph is None:
            raise TrackingError("the graph is closed")
        self._time_us = self._time_us + 1 if time_us is None else time_us
        self._out.clear()
        try:
            for stream in self._inputs:
                packet = packets.get(stream, self._nothing).at(self._time_us)
                self._graph.add_packet_to_input_stream(stream, packet)
            self._graph.wait_until_idle()
        except (RuntimeError, ValueError) as error:
            raise TrackingError(f"MediaPipe failed on a frame: {error}") from error
        found = dict(self._out)
        self._out.clear()
        return found

    def close(self) -> None:
        """End the graph and free its memory."""
        graph, self._graph = self._graph, None
        if graph is None:
            return
        try:
            graph.close()
        except (RuntimeError, ValueError):
            return  # a graph that failed reports its error again when it is closed; ``run`` has raised it already
