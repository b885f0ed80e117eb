"""Everything an operator may set, once: flags and environment variables come from here."""

import os
from typing import Any

from pydantic_settings import BaseSettings, SettingsConfigDict

from mocast.hosts import is_loopback
from mocast.settings.access_settings import AccessSettings
from mocast.settings.cluster_settings import ClusterSettings
from mocast.settings.event_settings import EventSettings
from mocast.settings.job_settings import JobSettings
from mocast.settings.kubernetes_variables import kubernetes_variables
from mocast.settings.limit_settings import LimitSettings
from mocast.settings.network_settings import NetworkSettings
from mocast.settings.observation_settings import ObservationSettings
from mocast.settings.recording_settings import RecordingSettings
from mocast.settings.serving_settings import ServingSettings
from mocast.settings.source_settings import SourceSettings
from mocast.settings.tracking_settings import TrackingSettings
from mocast.settings.video_settings import VideoSettings


# Pydantic has the fields of the last group first, and so do the help and the tables.
class Settings(
    ObservationSettings,
    ClusterSettings,
    EventSettings,
    SourceSettings,
    JobSettings,
    RecordingSettings,
    LimitSettings,
    NetworkSettings,
    VideoSettings,
    TrackingSettings,
    AccessSettings,
    ServingSettings,
    BaseSettings,
):
    """Flags of ``mocast serve`` (``--max-sessions 8``) and environment variables (``MOCAST_MAX_SESSIONS=8``)."""

    model_config = SettingsConfigDict(
        env_prefix="MOCAST_",
        extra="forbid",
        cli_kebab_case=True,
        cli_implicit_flags=True,
        cli_hide_none_type=True,
        cli_avoid_json=True,
        cli_enforce_required=False,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: Any,
        env_settings: Any,
        dotenv_settings: Any,
        file_secret_settings: Any,
    ) -> tuple[Any, ...]:
        """Read flags, then the environment, but for what Kubernetes injects into it."""
        injected = {name.lower() for name in kubernetes_variables(os.environ)}
        env_settings.env_vars = {
            name: value for name, value in env_settings.env_vars.items() if name.lower() not in injected
        }
        return init_settings, env_settings

    @property
    def is_open(self) -> bool:
        """Whether other machines are served, and nobody is asked for a token."""
        return self.auth == "none" and not all(map(is_loopback, self.reached_at))
