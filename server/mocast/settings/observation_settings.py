"""Logs, metrics and traces."""

import importlib.util
from typing import Literal

from pydantic import BaseModel, Field, field_validator


class ObservationSettings(BaseModel):
    """Logs, metrics and traces."""

    log_format: Literal["console", "json"] = Field("console", description="How logs are written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="What is logged.")
    metrics_rooms: int = Field(
        0,
        ge=0,
        le=256,
        description="Rooms that `/metrics` has series of their own for, labelled by name: the oldest. 0: none, "
        "and no names.",
    )
    otel_endpoint: str = Field(
        "",
        description="Collector of OpenTelemetry that traces are sent to (`http://collector:4318/v1/traces`); needs "
        '`pip install "mocast[otel]"`. Empty: no traces, nowhere.',
    )
    otel_frames_every: int = Field(
        300, ge=1, description="Of so many frames of a session, one is traced, with its stages."
    )

    @field_validator("otel_endpoint")
    @classmethod
    def _can_be_sent_to(cls, url: str) -> str:
        if url and not url.startswith(("http://", "https://")):
            raise ValueError(f"{url} is no address: it begins with http:// or https://")
        try:
            missing = bool(url) and importlib.util.find_spec("opentelemetry.exporter.otlp.json.http") is None
        except ModuleNotFoundError:  # of what it is in
            missing = True
        if missing:
            raise ValueError('traces need OpenTelemetry: pip install "mocast[otel]"')
        return url
