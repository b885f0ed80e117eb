"""Where events are sent."""

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator, model_validator

from mocast.events import mqtt as event_broker
from mocast.events.target_address import TargetKind, parse_targets, signing_key


class EventSettings(BaseModel):
    """Where events are sent."""

    webhooks: SecretStr = Field(
        SecretStr(""),
        description="Addresses that [events](events.md#webhooks) are posted to, separated by spaces: "
        "`https://home.example/hook#room=studio&events=gesture,fall`.",
    )
    webhook_secret: SecretStr | None = Field(
        None,
        description="Secret that webhooks are signed with: `whsec_` and what `openssl rand -base64 32` gives. "
        "Empty: they are not signed.",
    )
    webhook_secret_file: Path | None = Field(
        None, description="File that holds the secret, in place of `webhook_secret`."
    )
    mqtt: SecretStr = Field(
        SecretStr(""),
        description="MQTT brokers that [events](events.md#mqtt) are published to, separated by spaces: "
        '`mqtts://USER:PASSWORD@broker.example/mocast#room=studio`; needs `pip install "mocast[mqtt]"`.',
    )

    @field_validator("webhooks", "mqtt")
    @classmethod
    def _are_targets(cls, text: SecretStr, info: ValidationInfo) -> SecretStr:
        kind: TargetKind = "mqtt" if info.field_name == "mqtt" else "webhook"
        targets = parse_targets(kind, text.get_secret_value())
        if kind == "mqtt" and targets and not event_broker.is_installed():
            raise ValueError('it needs aiomqtt: pip install "mocast[mqtt]"')
        return text

    @model_validator(mode="after")
    def _signs(self) -> "EventSettings":
        if self.webhook_secret is not None and self.webhook_secret_file is not None:
            raise ValueError("webhook_secret and webhook_secret_file exclude each other")
        if self.webhook_secret is not None:
            signing_key(self.webhook_secret, None)
        return self
