"""OSC, read: what python-osc writes is read again, and nothing that comes breaks more than its own datagram."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from mocast.inputs.osc_messages import messages


def message(address: str, *arguments: object) -> OscMessage:
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)  # type: ignore[arg-type]
    return builder.build()


def bundle(*contents: object) -> bytes:
    builder = OscBundleBuilder(IMMEDIATELY)
    for content in contents:
        builder.add_content(content)  # type: ignore[arg-type]
    return bytes(builder.build().dgram)


def test_a_message_is_read_with_its_arguments() -> None:
    written = message("/VMC/Ext/Bone/Pos", "Hips", 0.5, 7, True, False)
    assert list(messages(written.dgram)) == [("/VMC/Ext/Bone/Pos", ("Hips", 0.5, 7, True, False))]


def test_a_bundle_s_messages_come_in_order() -> None:
    written = bundle(message("/a", 1), message("/b"))
    assert list(messages(written)) == [("/a", (1,)), ("/b", ())]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"/a",
        b"a\0\0\0",
        b"/a\0\0,x\0\0",
        b"/a\0\0,f\0\0\0",
        b"/a\0\0,s\0\0\xff\0\0\0",
        b"#bundle\0" + bytes(8) + b"\0\0\0\0",
        b"#bundle\0" + bytes(8) + b"\0\0\xff\0/a\0\0",
        b"#bundle\0" + bytes(8) + b"\0\0",
    ],
)
def test_what_is_no_osc_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        list(messages(data))


def test_bundles_within_bundles_end_somewhere() -> None:
    data = b"/a\0\0,\0\0\0"
    for _ in range(1000):
        data = b"#bundle\0" + bytes(8) + len(data).to_bytes(4, "big") + data
    with pytest.raises(ValueError, match="nested too deeply"):
        list(messages(data))


@settings(max_examples=150)
@given(st.binary(max_size=64) | st.binary(max_size=64).map(lambda data: b"#bundle\0" + bytes(8) + data))
def test_random_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(ValueError):
        list(messages(data))
