"""Outputs as an operator writes them, and what is refused with a sentence."""

from pathlib import Path

import pytest

from mocast.errors import Unprocessable
from mocast.outputs.output_options import PARTS, PORTS, OutputOptions, OutputsRequest, parse_output_url
from mocast.validation import read_json


def test_an_output_with_everything_said() -> None:
    url = "vmc://127.0.0.1:39540?room=main.1&names=vrm1&parts=face,head&mirror=true&camera=true"
    options = OutputOptions("vmc", "127.0.0.1", 39540, parts=("head", "face"), mirror=True, names="vrm1", camera=True)
    assert parse_output_url(url) == ("main.1", options, None, None)
    with_files = parse_output_url(f"{url}&mapping=/etc/hotkeys.toml&vrm=/home/me/a.vrm")
    assert with_files == ("main.1", options, Path("/etc/hotkeys.toml"), Path("/home/me/a.vrm"))


@pytest.mark.parametrize(("kind", "port"), sorted(PORTS.items()))
def test_an_output_with_nothing_said_goes_to_the_app_s_own_port_with_everything(kind: str, port: int) -> None:
    room, options, *_ = parse_output_url(f"{kind}://stage")
    assert (room, options.host, options.port, options.parts) == ("main", "stage", port, PARTS)
    assert (options.names, options.mirror, options.camera) == ("vrm0", False, False)


def test_what_only_vrchat_and_osc_have() -> None:
    vrchat = parse_output_url("vrchat://h?trackers=feet,chest,hip&height=1.8&prefix=FT").options
    assert (vrchat.port, vrchat.trackers, vrchat.height, vrchat.prefix) == (9000, ("hip", "chest", "feet"), 1.8, "FT")
    osc = parse_output_url("osc://h:7000?prefix=stage/left&landmarks=true").options
    assert (osc.prefix, osc.landmarks) == ("stage/left", True)


def test_ipv6_is_written_in_brackets() -> None:
    options = parse_output_url("vts://[::1]:8002").options
    assert (options.host, options.port) == ("::1", 8002)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("fax://127.0.0.1", "vmc, vts, ifacialmocap"),
        ("vmc:39539", "HOST:PORT"),
        ("vmc://", "HOST:PORT"),
        ("vmc://h:99999", "1 to 65535"),
        ("vmc://h:0", "1 to 65535"),
        ("vmc://h:x", "1 to 65535"),
        ("vmc://::1:39539", "HOST:PORT"),
        ("vmc://[::1", "vmc://[::1"),
        ("vmc://user@h", "HOST:PORT"),
        ("vmc://h/head", "HOST:PORT"),
        ("vmc://h#room", "HOST:PORT"),
        ("vmc://a..b", "a..b"),
        (f"vmc://{'a' * 64}", "host's name"),
        ("vmc://a b", "space"),
        ("vmc://h?names=vrm2", "'vrm0', 'vrm1' or 'arkit'"),
        ("vmc://h?parts=tail", "'head', 'hands', 'arms', 'body' or 'face'"),
        ("vmc://h?parts=", "at least 1 item"),
        ("vmc://h?mirror=maybe", "boolean"),
        ("vmc://h?part=head", "no such option; there are parts, mirror"),
        ("vrchat://h?trackers=tail", "'hip', 'chest', 'feet', 'knees' or 'elbows'"),
        ("vrchat://h?height=3", "2.5"),
        ("osc://h?prefix=a//b", '"prefix"'),
        ("osc://h?prefix=a b", '"prefix"'),
        ("vmc://h?room=a/b", '"room"'),
        ("vmc://h?room", "vmc://h?room"),
        ("vts://h?vrm=a.vrm", "Only vmc"),
    ],
)
def test_what_is_wrong_is_said(url: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        parse_output_url(url)
    assert said in str(refused.value)


def test_no_client_of_a_server_can_name_a_file() -> None:
    for name in ("vrm", "mapping"):
        with pytest.raises(Unprocessable, match="no such option"):
            read_json(OutputsRequest, {"outputs": [{"kind": "vmc", "host": "127.0.0.1", name: "/etc/passwd"}]})
