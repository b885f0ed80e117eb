"""Crops: a region's pixels, turned upright and scaled to the input of a network."""

import math
from typing import Final, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from mocast.errors import TrackingError
from mocast.model.frame import RgbImage
from mocast.tracking.openvino.regions.region import Region

Border = Literal["replicate", "black"]
"""Pixels outside the picture: those of its border repeated, or black. Source: ``border_mode`` of MediaPipe's
``image_to_tensor_calculator.proto``."""

_BORDERS: Final[dict[Border, int]] = {"replicate": cv2.BORDER_REPLICATE, "black": cv2.BORDER_CONSTANT}


def crop(rgb: RgbImage, region: Region, out: NDArray[np.uint8], border: Border = "replicate") -> None:
    """Fill ``out``, (n, n, 3) uint8 and C-contiguous, with the pixels of a region.

    Pixel (0, 0) of ``out`` samples the region's corner: as in MediaPipe there is no shift by half a pixel. OpenCV for
    x86 has code of Intel's (IPP) for it, which must be asked for, as it is not equal to its own: that rounds positions
    to 1/32 of a pixel, for pixels that are up to 3 levels off. Intel's takes half the time, and pixels are right when
    rounded. Raises ``TrackingError`` where the region is not usable.
    """
    if not region.is_usable:
        raise TrackingError(f"there is nothing to crop at {region}")
    side = out.shape[0]
    scale = region.size / side
    cos, sin = math.cos(region.angle) * scale, math.sin(region.angle) * scale
    half = side / 2
    matrix = np.array(((cos, -sin, region.x - (cos - sin) * half), (sin, cos, region.y - (sin + cos) * half)))
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    cv2.ipp.setUseIPP_NotExact(True)  # of this thread alone
    try:
        cv2.warpAffine(rgb, matrix, (side, side), dst=out, flags=flags, borderMode=_BORDERS[border])
    finally:
        cv2.ipp.setUseIPP_NotExact(False)
