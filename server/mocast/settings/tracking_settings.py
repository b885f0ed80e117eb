"""What tracks, with what, and where."""

from pathlib import Path
from typing import Literal, get_args

from pydantic import BaseModel, Field, model_validator

from mocast.model.options import MAX_PEOPLE, TrackerName
from mocast.settings.text import require_known
from mocast.settings.user_folder import user_folder
from mocast.tracking.engines import DeviceSetting, EngineOptions, PrecisionSetting
from mocast.tracking.face_task import FaceShapesChoice


class TrackingSettings(BaseModel):
    """What tracks, with what, and where."""

    engine: Literal["auto", "openvino", "mediapipe"] = Field(
        "auto",
        description="What tracks. `openvino`: fast. `mediapipe`: the reference. `auto`: the fast one where it loads, "
        "else the reference.",
    )
    precision: PrecisionSetting = Field(
        "auto",
        description="What `openvino` computes with. `f32`: 32-bit floats. `f16`, `bf16`: 16-bit ones for the hands, "
        "except in `exact`, and for the body in `fast`. `int8`: 8-bit integers there. `auto`: of each network what is "
        "fastest here and near enough to `f32`, by a measurement at the first start.",
    )
    device: DeviceSetting = Field(
        "cpu",
        description="Where `openvino` computes. `cpu`: the processor. `gpu`, `npu`: an Intel GPU or NPU with its "
        "driver, for all that it computes near enough to the processor. `auto`: what `precision` may reduce where it "
        "is fastest, by the same measurement.",
    )
    warm: str = Field(
        "holistic", description="Trackers built at the start, before a session needs them, comma-separated."
    )
    tracking_threads: int = Field(
        0,
        ge=0,
        description="Frames that are tracked at a time, and threads of the engine. 0: one for each usable core.",
    )
    tracker_timeout_s: float = Field(
        5,
        ge=1,
        le=60,
        description="Seconds after which a tracker that has not returned from a frame counts as hung and is replaced.",
    )
    cache_dir: str = Field(
        "auto",
        description="Folder where compiled networks are kept, which makes the next start fast. `auto`: `mocast` in the "
        "user's own cache folder. Empty: nowhere.",
    )
    face_shapes: FaceShapesChoice = Field(
        "auto",
        description="What a face's blend shapes are made from. `auto`: MediaPipe's network and geometry together, "
        "where the network is installed. `network`: the same, or the server does not start. `geometry`: that alone.",
    )
    face_task_path: Path | None = Field(
        None,
        description="A `face_landmarker.task` of MediaPipe's, whose network of blend shapes is used in place of the "
        "one that is installed. Never downloaded.",
    )
    max_people: int = Field(MAX_PEOPLE, ge=1, le=MAX_PEOPLE, description="People tracked in a picture, at most.")
    exercises_folder: Path | None = Field(
        None,
        description="Folder with [exercises of one's own](analysis.md#exercises-of-your-own), a YAML file each; one "
        "with the name of one of Mocast's takes its place.",
    )

    @model_validator(mode="after")
    def _tracking(self) -> "TrackingSettings":
        require_known("warm", self.warm, set(get_args(TrackerName)))
        return self

    @property
    def engine_options(self) -> EngineOptions:
        """How the engine computes."""
        return EngineOptions(
            threads=self.tracking_threads or None,
            cache_folder=self.cache_folder,
            precision=self.precision,
            device=self.device,
        )

    @property
    def cache_folder(self) -> Path | None:
        """Where compiled networks are kept, with the default worked out; ``None``: nowhere."""
        if self.cache_dir != "auto":
            return Path(self.cache_dir) if self.cache_dir else None
        return user_folder("XDG_CACHE_HOME", ".cache")
