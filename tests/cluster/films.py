"""A film in which nobody is, for cameras of the server's own and of ``mocast source``."""

from pathlib import Path

import av

from tests.ffmpeg_whip import moving_square

FPS = 15


def write_film(path: Path, seconds: int) -> Path:
    """Write a moving square, 320x240."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=FPS, options={"preset": "ultrafast", "g": "15", "bf": "0"})
        stream.width, stream.height, stream.pix_fmt = 320, 240, "yuv420p"
        for number in range(FPS * seconds):
            container.mux(stream.encode(moving_square(number).reformat(format="yuv420p")))
        container.mux(stream.encode())
    return path
