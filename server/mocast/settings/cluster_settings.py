"""Several servers that are one."""

import importlib.util
from pathlib import Path
from typing import Final

from pydantic import BaseModel, Field, SecretStr, model_validator

CLUSTER_SECRET_CHARACTERS: Final = 32


class ClusterSettings(BaseModel):
    """Several servers that are one."""

    redis_url: SecretStr = Field(
        SecretStr(""),
        description="Redis in which [several servers that are one](deployment.md#several-machines) keep where each "
        'room is (`redis://:PASSWORD@HOST:6379/0`); needs `pip install "mocast[redis]"`. Empty: this server is alone.',
    )
    node_name: str = Field(
        "", description="Name of this server among them, the same after a restart. Empty: the host's name."
    )
    node_url: str = Field(
        "",
        description="Address at which the others reach this server (`http://10.0.0.5:8080`). Empty: the machine's own "
        "that leads to Redis, and `port`.",
    )
    cluster_secret: SecretStr | None = Field(
        None, description="Secret that they share, by which they know each other: 32 characters or more."
    )
    cluster_secret_file: Path | None = Field(
        None,
        description="File that holds the secret, in place of `cluster_secret`; created where it is missing.",
    )

    @model_validator(mode="after")
    def _cluster(self) -> "ClusterSettings":
        if self.redis_url.get_secret_value():
            if (self.cluster_secret is None) == (self.cluster_secret_file is None):
                raise ValueError("redis_url needs one of cluster_secret and cluster_secret_file")
            if importlib.util.find_spec("redis") is None:
                raise ValueError('redis_url needs the Redis client: pip install "mocast[redis]"')
        secret = self.cluster_secret.get_secret_value() if self.cluster_secret else None
        if secret is not None and len(secret) < CLUSTER_SECRET_CHARACTERS:
            raise ValueError(f"cluster_secret must have {CLUSTER_SECRET_CHARACTERS} characters or more")
        if self.node_url and not self.node_url.startswith(("http://", "https://")):
            raise ValueError(f"node_url: {self.node_url} begins with neither http:// nor https://")
        return self
