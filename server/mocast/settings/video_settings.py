"""Codecs and bitrates."""

from typing import Literal

from pydantic import BaseModel, Field, model_validator

from mocast.rooms.client_limits import CAMERA_BITRATE
from mocast.settings.text import require_known


class VideoSettings(BaseModel):
    """Codecs and bitrates."""

    video_codecs: str = Field(
        "", description="Video codecs to accept, best first, of `vp8`, `h264`. Empty: both, in the client's order."
    )
    audio: bool = Field(
        True,
        description="Pass a publisher's audio (Opus) on to the room's viewers. Without it, audio is answered as "
        "inactive and thrown away.",
    )
    min_bitrate: int = Field(150_000, ge=50_000, description="Least bitrate of the returned video, bits per second.")
    start_bitrate: int = Field(
        2_000_000, ge=50_000, description="Bitrate until the network's speed is known, bits per second."
    )
    max_bitrate: int = Field(
        4_000_000, ge=50_000, description="Greatest bitrate of the returned video, bits per second."
    )
    camera_bitrate: int = Field(
        CAMERA_BITRATE,
        ge=100_000,
        description="Bits a second of video that a client is asked to send at most (in the answer, and by REMB). "
        "[More finds nothing more](benchmarks.md#what-a-camera-needs); the picture that viewers see is made of it.",
    )
    encoder_threads: int = Field(1, ge=1, le=16, description="Threads of each video encoder.")
    decoder_threads: int = Field(1, ge=1, le=16, description="Threads of each video decoder.")
    h264_preset: Literal["ultrafast", "superfast", "veryfast", "faster", "fast", "medium"] = Field(
        "superfast", description="x264's preset: the slower, the better the picture."
    )

    @model_validator(mode="after")
    def _video(self) -> "VideoSettings":
        if not self.min_bitrate <= self.start_bitrate <= self.max_bitrate:
            raise ValueError("min_bitrate <= start_bitrate <= max_bitrate does not hold")
        require_known("video_codecs", self.video_codecs, {"vp8", "h264"})
        return self
