"""A network and the region of the picture that it is to look at."""

import numpy as np
from numpy.typing import NDArray

from mocast.model.frame import RgbImage
from mocast.tracking.openvino.crop import Border, cut
from mocast.tracking.openvino.region import Region
from mocast.tracking.openvino.request import Request

Outputs = tuple[NDArray[np.float32], ...]


class Looking:
    """Runs a network on one region after another. Used from one thread at a time."""

    def __init__(self, request: Request, border: Border = "replicate") -> None:
        """``border`` is what the network was taught to see outside the picture."""
        self._request = request
        self._border = border
        self._region: Region | None = None

    @property
    def size(self) -> int:
        """The side of what the network sees, in pixels."""
        return self._request.picture.shape[0]

    @property
    def region(self) -> Region | None:
        """What is looked at, from ``start`` until ``wait``."""
        return self._region

    def start(self, rgb: RgbImage, region: Region) -> None:
        """Begin to look at a region; what was begun before is given up."""
        self.give_up()
        cut(rgb, region, self._request.picture, self._border)
        self._region = region
        self._request.start()

    def wait(self) -> Outputs:
        """Return what the network says; its arrays are overwritten by the next ``start``. Raises ``TrackingError``."""
        self._region = None
        return self._request.wait()

    def run(self, rgb: RgbImage, region: Region) -> Outputs:
        """Start and wait."""
        self.start(rgb, region)
        return self.wait()

    def give_up(self) -> None:
        """Have nothing begun."""
        if self._region is not None:
            self._region = None
            self._request.give_up()
