"""Videos that are processed beside live rooms."""

import os
from pathlib import Path

from pydantic import BaseModel, Field, field_validator


class JobSettings(BaseModel):
    """Videos that are processed beside live rooms."""

    jobs_folder: Path | None = Field(
        None,
        description="Folder of [jobs](jobs.md): their list, the videos that came and what is made of them, for this "
        "server alone. Empty: a temporary one in `cache_dir`, made for the first job, deleted when the server ends.",
    )
    jobs_running: int = Field(1, ge=1, le=64, description="Jobs that are worked on at a time; live rooms come first.")
    max_jobs: int = Field(
        32, ge=0, le=256, description="Jobs that have not ended at a time; more get 503. 0: none is taken."
    )
    max_jobs_per_principal: int = Field(0, ge=0, description="The same of one principal; more get 429.")
    max_jobs_per_address: int = Field(16, ge=0, description="The same from one address; more get 429.")
    job_max_mb: int = Field(4096, ge=1, description="Largest video of a job, in MB; a larger one gets 413.")
    jobs_max_mb: int = Field(
        32_768, ge=1, description="All videos and results of jobs together, in MB; what is above it gets 507."
    )
    jobs_max_mb_per_principal: int = Field(
        0, ge=0, description="The same of one principal; more get 429. 0: as much as there may be."
    )
    jobs_kept: int = Field(
        128, ge=1, le=256, description="Jobs kept at a time; a new one replaces the oldest of whoever has the most."
    )
    jobs_keep_s: float = Field(
        86_400, gt=0, le=31_536_000, description="Seconds after its end until a job and its results are deleted."
    )
    job_upload_keep_s: float = Field(
        86_400, gt=0, le=31_536_000, description="Seconds for which a video of which only a part came may be resumed."
    )
    job_upload_mbit: float = Field(
        64,
        ge=0,
        description="Mbit/s at which all jobs' videos together may come while somebody publishes. 0: any rate.",
    )
    job_processes: int = Field(
        0,
        ge=0,
        le=64,
        description="Processes of a job that track, at the lowest priority. 0: one for each usable core, 4 at most.",
    )
    job_max_s: float = Field(14_400, gt=0, description="Longest that a job may be worked on, in seconds.")
    job_memory_mb: int = Field(4096, ge=256, description="Memory that each process of a job may take, in MB.")

    @field_validator("jobs_folder")
    @classmethod
    def _can_be_confined(cls, folder: Path | None) -> Path | None:
        if folder is not None and os.name == "nt":
            raise ValueError("a job's processes cannot be bounded on Windows; mocast process runs there")
        return folder
