"""What is recorded, and for how long it is kept."""

from pathlib import Path

from pydantic import BaseModel, Field


class RecordingSettings(BaseModel):
    """What is recorded, and for how long it is kept."""

    recordings_folder: Path | None = Field(
        None,
        description="Folder of the recordings, for this server alone. Empty: a temporary one, deleted when the "
        "server ends.",
    )
    recording_max_s: float = Field(600, gt=0, le=14_400, description="Longest recording, in seconds.")
    recording_max_mb: int = Field(512, ge=1, description="Largest recording, in MB; a minute is about 40 MB.")
    recordings_kept: int = Field(
        8,
        ge=0,
        le=256,
        description="Recordings kept at a time; a new one replaces one that has ended. 0: nobody may record.",
    )
    recordings_per_principal: int = Field(
        0,
        ge=0,
        description="Recordings kept of one principal; a new one replaces its oldest that has ended, else it gets 429. "
        "0: as many as there may be.",
    )
    recordings_max_mb: int = Field(
        0,
        ge=0,
        description="All recordings together, in MB, a running one counted with `recording_max_mb`; a new one replaces "
        "its owner's oldest, else it gets 503. 0: no limit but the number.",
    )
    recordings_keep_s: float = Field(
        86_400, gt=0, le=31_536_000, description="Seconds after its end until a recording is deleted."
    )
