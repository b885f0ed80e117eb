from pathlib import Path

import av
import numpy as np
import pytest
from bench.clips import stream

SIZE_WH = (64, 32)


def write_clip(path: Path, turned_deg: int = 0, count: int = 3) -> None:
    """Write a clip that is dark but for its upper left quarter."""
    picture = np.zeros((SIZE_WH[1], SIZE_WH[0], 3), np.uint8)
    picture[: SIZE_WH[1] // 2, : SIZE_WH[0] // 2] = 255
    with av.open(str(path), "w") as container:
        video = container.add_stream("mpeg4", rate=30)
        video.width, video.height, video.pix_fmt = *SIZE_WH, "yuv420p"
        if turned_deg:
            video.set_display_rotation(turned_deg)
        for _ in range(count):
            container.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(video.encode())


@pytest.mark.parametrize(("turned_deg", "bright"), [(0, (0, 0)), (-90, (0, 1)), (180, (1, 1)), (90, (1, 0))])
def test_pictures_are_upright(tmp_path: Path, turned_deg: int, bright: tuple[int, int]) -> None:
    write_clip(tmp_path / "a clip.mp4", turned_deg)
    first, *_ = stream(tmp_path / "a clip.mp4", None)
    assert first.size_wh == (SIZE_WH if turned_deg % 180 == 0 else SIZE_WH[::-1])
    rows, columns = (side // 2 for side in first.rgb.shape[:2])
    quarters = first.rgb.reshape(2, rows, 2, columns, 3).mean(axis=(1, 3, 4))
    assert np.unravel_index(quarters.argmax(), quarters.shape) == bright


def test_what_is_too_large_keeps_its_shape(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4")
    assert [frame.size_wh for frame in stream(tmp_path / "clip.mp4", 2, (16, 16))] == [(16, 8), (16, 8)]


def test_a_small_clip_stays_as_it_is(tmp_path: Path) -> None:
    write_clip(tmp_path / "clip.mp4")
    assert len(list(stream(tmp_path / "clip.mp4", None))) == 3


def test_what_cannot_be_read_is_told_in_a_line(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no video")
    with pytest.raises(SystemExit, match=r"text\.mp4 cannot be read: "):
        next(stream(tmp_path / "text.mp4", None))
    with pytest.raises(SystemExit, match=r"nothing\.mp4 cannot be read: "):
        next(stream(tmp_path / "nothing.mp4", None))


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    with av.open(str(tmp_path / "sound.wav"), "w") as container:
        sound = container.add_stream("pcm_s16le", rate=8000)
        silence = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), layout="mono")
        silence.sample_rate = 8000
        container.mux(sound.encode(silence))
    with pytest.raises(SystemExit, match=r"sound\.wav holds no video"):
        next(stream(tmp_path / "sound.wav", None))
