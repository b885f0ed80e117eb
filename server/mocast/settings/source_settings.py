"""Cameras and motion that the server takes in itself, and apps that it sends motion to."""

from pathlib import Path

from pydantic import BaseModel, Field, SecretStr, ValidationInfo, field_validator

from mocast.inputs.input_options import check_no_loop, parse_input_url
from mocast.outputs.mapping_file import read_triggers
from mocast.outputs.output_options import parse_output_url
from mocast.rigging.retargeting.avatar_fitter import read_avatar
from mocast.settings.text import Networks
from mocast.sources.camera_address import parse_sources


class SourceSettings(BaseModel):
    """Cameras and motion that the server takes in itself, and apps that it sends motion to."""

    sources: SecretStr = Field(
        SecretStr(""),
        description="Cameras that the server opens itself and that feed rooms, separated by spaces: "
        "`studio=rtsp://USER:PASSWORD@HOST/PATH#tracker=pose`; also `/dev/video0`, `screen` and files. "
        "[What may follow the `#`](connect.md#an-ip-camera).",
    )
    outputs: str = Field(
        "",
        description="Apps that rooms' avatars are sent to from the start, separated by spaces: "
        "`vmc://127.0.0.1:39539?room=main&names=vrm1&parts=head,face`, `vts://...`, `ifacialmocap://...`, "
        "`livelinkface://...`, `vrchat://...`, `osc://...`. "
        "`mapping=FILE`: [gestures for hotkeys and blend shapes](events.md#the-mapping-file). "
        "`vrm=FILE`: [the avatar that a VMC app shows](avatars.md#hands-and-body-of-this-avatar).",
    )
    inputs: str = Field(
        "",
        description="Ports at which other programs' motion comes in and is [mixed](mixing.md) with rooms' cameras, "
        "separated by spaces: `vmc://0.0.0.0:39539?room=main&from=192.168.1.0/24&parts=body,arms`, "
        "`ifacialmocap://...`, `livelinkface://...`, `meowface://...?phone=192.168.1.20`.",
    )
    output_networks: Networks = Field(
        "",
        description="Where clients of the API may have avatars sent to: networks (`192.168.1.0/24`) or addresses, "
        "comma-separated. Empty: nowhere.",
    )
    vts_tokens_file: Path | None = Field(
        None,
        description="File with the permissions that VTube Studio's users gave. Empty: they are asked at every start.",
    )

    @field_validator("outputs")
    @classmethod
    def _are_outputs(cls, text: str) -> str:
        for url in text.split():
            output = parse_output_url(url)
            try:
                read_triggers(output)
                if output.vrm is not None:
                    read_avatar(output.vrm)
            except ValueError as error:
                raise ValueError(f"{url}: {error}") from error
        return text

    @field_validator("inputs")
    @classmethod
    def _are_inputs(cls, text: str, info: ValidationInfo) -> str:
        inputs = [parse_input_url(url) for url in text.split()]
        for output in map(parse_output_url, info.data.get("outputs", "").split()):
            check_no_loop(output.options, (one.options for one in inputs if one.room == output.room))
        return text

    @field_validator("sources")
    @classmethod
    def _are_sources(cls, text: SecretStr) -> SecretStr:
        parse_sources(text.get_secret_value())
        return text
