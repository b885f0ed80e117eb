"""Outputs as clients ask for them: what is taken, and what is refused with a sentence."""

import json

import pytest

from mocast.api.bodies import parse_json
from mocast.errors import RequestError, Unprocessable
from mocast.outputs.output_options import PARTS, OutputOptions, OutputsRequest
from mocast.validation import read_json


def parsed(*outputs: object) -> tuple[OutputOptions, ...]:
    return read_json(OutputsRequest, json.loads(json.dumps({"outputs": outputs}))).outputs


def test_an_output_with_everything_said() -> None:
    asked = {
        "kind": "vmc", "host": "192.168.1.20", "port": 39540, "names": "arkit", "parts": ["face", "head"],
        "mirror": True, "camera": True,
    }  # fmt: skip
    options = OutputOptions(
        "vmc", "192.168.1.20", 39540, parts=("head", "face"), mirror=True, names="arkit", camera=True
    )
    assert parsed(asked) == (options,)


def test_an_output_with_nothing_said_goes_to_the_app_s_own_port() -> None:
    assert parsed({"kind": "vts", "host": "stage"}) == (OutputOptions("vts", "stage", 8001, parts=PARTS),)


def test_no_outputs_are_fine() -> None:
    assert parsed() == ()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"[]", "#"),
        (b"{}", "#/outputs"),
        (b'{"outputs": {}}', "#/outputs"),
        (b'{"outputs": [{"kind": "vmc"}]}', "#/outputs/0/host"),
        (b'{"outputs": [{"kind": "radio", "host": "a"}]}', "#/outputs/0/kind"),
        (b'{"outputs": [{"kind": "vmc", "host": "a b"}]}', "#/outputs/0/host"),
        (b'{"outputs": [{"kind": "vmc", "host": ""}]}', "#/outputs/0/host"),
        (b'{"outputs": [{"kind": "vmc", "host": "a", "port": 0}]}', "#/outputs/0/port"),
        (b'{"outputs": [{"kind": "vmc", "host": "a", "port": "1"}]}', "#/outputs/0/port"),
        (b'{"outputs": [{"kind": "vmc", "host": "a", "parts": []}]}', "#/outputs/0/parts"),
        (b'{"outputs": [{"kind": "vmc", "host": "a", "parts": ["tail"]}]}', "#/outputs/0/parts/0"),
        (b'{"outputs": [{"kind": "vmc", "host": "a", "mirror": 1}]}', "#/outputs/0/mirror"),
        (b'{"outputs": [{"kind": "vmc", "host": "a", "colour": 1}]}', "#/outputs/0/colour"),
        (b'{"outputs": [' + b",".join([b'{"kind": "vmc", "host": "a"}'] * 5) + b"]}", "#/outputs"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, named: str) -> None:
    with pytest.raises(Unprocessable) as refused:
        read_json(OutputsRequest, parse_json(body))
    assert named in [error["pointer"] for error in refused.value.errors]


@pytest.mark.parametrize("body", [b"", b"{", b"\xff"])
def test_what_is_no_json_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(RequestError, match="JSON"):
        parse_json(body)
