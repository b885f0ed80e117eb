"""FFmpeg as the camera of ``bench.whip``, in its own process: ``python -m bench.ffmpeg_camera URL [CLIP]``."""

import sys
from pathlib import Path

from av import VideoFrame
from tests.ffmpeg_whip import publish, until_input_ends

from bench.clips import there_and_back, yuv_pictures

PICTURES = 150
ENCODER = {"preset": "superfast", "b": "2400k", "g": "60"}
"""As near to ``bench.peers.CAMERA`` as x264 has it."""


def main() -> None:
    url, *clip = sys.argv[1:]
    pictures = yuv_pictures(Path(clip[0]) if clip else None, PICTURES)

    def picture(number: int) -> VideoFrame:
        return VideoFrame.from_ndarray(pictures[there_and_back(number, len(pictures))], format="yuv420p")

    publish(url, until_input_ends(), picture, encoder=ENCODER)


if __name__ == "__main__":
    main()
