"""Between decoded video frames and RGB arrays; runs in worker threads only."""

import cv2
import numpy as np
from av import VideoFrame
from av.video.reformatter import ColorRange, Interpolation

from mocast.model.frame import RgbImage

MAX_SIDE = 1280
"""The longest side that is tracked and returned: a larger one costs time and finds nothing more."""


def capped_size(width: int, height: int, max_side: int = MAX_SIDE) -> tuple[int, int]:
    """Return the size scaled so that its longest side is at most ``max_side``; even, as 4:2:0 video needs."""
    scale = min(1.0, max_side / max(width, height))
    return tuple(max(2, round(side * scale) // 2 * 2) for side in (width, height))  # type: ignore[return-value]


def to_rgb(frame: VideoFrame, max_side: int = MAX_SIDE) -> RgbImage:
    """Return a frame's pixels in a new array, scaled down where it is larger than ``max_side``.

    Limited-range 4:2:0 at an even size, what browsers send, takes OpenCV's short road (0.1 ms at 640x480);
    anything else goes through swscale. It is scaled before it becomes RGB: at full size that would take twice the
    memory of the frame again, and eight times as long.
    """
    width, height = capped_size(frame.width, frame.height, max_side)
    if frame.format.name != "yuv420p" or frame.color_range == ColorRange.JPEG or (frame.width | frame.height) & 1:
        return np.asarray(frame.to_ndarray(format="rgb24", width=width, height=height), np.uint8)
    if (width, height) != (frame.width, frame.height):
        frame = frame.reformat(width=width, height=height, interpolation=Interpolation.AREA)
    return np.asarray(cv2.cvtColor(frame.to_ndarray(), cv2.COLOR_YUV2RGB_I420), np.uint8)


def to_video_frame(rgb: RgbImage) -> VideoFrame:
    """Return a picture of even size as a 4:2:0 frame, ready for an encoder."""
    yuv = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2YUV_I420), np.uint8)
    # Without copying, PyAV takes heights in steps of four only.
    make = VideoFrame.from_ndarray if rgb.shape[0] % 4 else VideoFrame.from_numpy_buffer
    return make(yuv, format="yuv420p")
