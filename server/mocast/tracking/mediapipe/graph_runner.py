"""Runs one MediaPipe graph: packets in, packets out."""

from collections.abc import Mapping
from contextlib import nullcontext
from typing import Any

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.graph_builder import Graph
from mocast.tracking.mediapipe.stderr_filter import quiet

Packet = Any
"""A MediaPipe packet: refers to an immutable value, which is freed with the last packet that does."""

Packets = dict[str, Packet]
"""By stream."""


def image_packet(rgb: RgbImage) -> Packet:
    """Return a picture as a packet that refers to its pixels: they must not change while a graph runs on it."""
    bindings = native()
    pixels = rgb.view()
    pixels.flags.writeable = False
    return bindings._packet_creator._create_image_frame_from_pixel_data(
        bindings.image_frame.ImageFormat.SRGB, pixels, False
    )


class RunningGraph:
    """A graph and its memory. Used from one thread at a time."""

    def __init__(self, graph: Graph, models: Mapping[str, Packet]) -> None:
        """Build and start it, ``models`` by name. Raises ``TrackingError``."""
        bindings = native()
        self._inputs = graph.inputs
        self._nothing = bindings.packet.Packet()
        self._time_us = 0
        self._has_spoken = False
        self._out: list[tuple[str, Packet]] = []
        out = self._out
        try:
            with quiet():
                running = bindings.calculator_graph.CalculatorGraph(graph_config=graph.text)
                for stream in graph.outputs:
                    # Called on the graph's threads, so it does as little as it can while it holds the GIL. It refers
                    # to the list and not to self: the graph keeps it, and a cycle through native code is never
                    # collected.
                    running.observe_output_stream(stream, lambda name, packet: out.append((name, packet)))
                running.start_run(dict(models))
                running.wait_until_idle()  # calculators open, and the networks are made ready, only now
        except (RuntimeError, ValueError) as error:
            raise TrackingError(f"MediaPipe could not build a graph: {error}") from error
        self._graph: Any = running

    def run(self, packets: Mapping[str, Packet], time_us: int | None = None) -> Packets:
        """Return what the graph puts out for one picture.

        An input that is not among ``packets`` is empty. ``time_us`` must increase; only graphs that remember care.
        After a ``TrackingError`` the graph is of no use any more.
        """
        if self._graph is None:
            raise TrackingError("the graph is closed")
        self._time_us = self._time_us + 1 if time_us is None else time_us
        self._out.clear()
        try:
            with nullcontext() if self._has_spoken else quiet():
                for stream in self._inputs:
                    packet = packets.get(stream, self._nothing).at(self._time_us)
                    self._graph.add_packet_to_input_stream(stream, packet)
                self._graph.wait_until_idle()
        except (RuntimeError, ValueError) as error:
            raise TrackingError(f"MediaPipe failed on a frame: {error}") from error
        found = dict(self._out)
        self._out.clear()
        self._has_spoken = self._has_spoken or bool(found)
        return found

    def close(self) -> None:
        """End the graph and free its memory."""
        graph, self._graph = self._graph, None
        if graph is None:
            return
        try:
            graph.close()
        except (RuntimeError, ValueError):
            return  # a graph that failed says so again when it ends; whoever saw it fail has raised that already
