"""The mediapipe wheel's networks as packets, read once and shared by all graphs."""

import struct
from threading import Lock
from typing import Any

from mocast.errors import TrackingError
from mocast.tracking.mediapipe.bindings import native
from mocast.tracking.mediapipe.tflite_patch import keep_outputs, widen_weights
from mocast.tracking.networks_folder import network_file

KEPT_OUTPUTS = {"pose_landmark": (0, 1, 3, 4)}
"""Outputs of a network that are kept: landmarks, flag, heatmap and world landmarks; not the segmentation."""


class NetworkPackets:
    """Networks as MediaPipe packets. All graphs that are given a packet read the same memory."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._packets: dict[str, Any] = {}

    def packet(self, name: str) -> Any:
        """Return a network as a side packet; its file is read by the first call. Raises ``TrackingError``."""
        with self._lock:
            if name not in self._packets:
                self._packets[name] = native()._packet_creator.create_string(read_network(name))
            return self._packets[name]


def read_network(name: str) -> bytes:
    """Return a network as a TensorFlow Lite model, patched (``tflite_patch``). Raises ``TrackingError``."""
    try:
        network = network_file(name).read_bytes()
        if name in KEPT_OUTPUTS:
            network = keep_outputs(network, KEPT_OUTPUTS[name])
        return widen_weights(network)
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise TrackingError(f"the network {name} of the mediapipe package cannot be read: {error}") from error
