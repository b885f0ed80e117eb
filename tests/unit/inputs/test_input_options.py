"""Inputs whose own room sends to them."""

import pytest

from mocast.inputs.input_options import check_no_loop, input_options
from mocast.outputs.output_options import OutputOptions
from mocast.settings.settings import Settings


def out(host: str = "127.0.0.1", port: int = 39539) -> OutputOptions:
    return OutputOptions(kind="vmc", host=host, port=port)


@pytest.mark.parametrize(
    ("host", "listens"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("localhost", "0.0.0.0"),
        ("127.0.0.2", "0.0.0.0"),
        ("192.168.1.7", "192.168.1.7"),
        ("::1", "[::]"),
    ],
)
def test_a_room_that_would_follow_itself_is_refused(host: str, listens: str) -> None:
    with pytest.raises(ValueError, match=r"^The vmc output to port 39539 of this machine would come in again"):
        check_no_loop(out(host), [input_options("vmc", listens)])


@pytest.mark.parametrize(
    ("output", "listens"),
    [
        (out(port=39540), "0.0.0.0"),
        (out("192.168.1.8"), "192.168.1.7"),
        (out("192.168.1.8"), "0.0.0.0"),
        (out("studio.lan"), "0.0.0.0"),
        (OutputOptions(kind="osc", host="127.0.0.1", port=39539), "0.0.0.0"),
    ],
)
def test_another_port_machine_or_protocol_is_none_of_its_business(output: OutputOptions, listens: str) -> None:
    check_no_loop(output, [input_options("vmc", listens)])


def test_the_settings_are_refused_where_it_is_the_same_room() -> None:
    with pytest.raises(ValueError, match="would follow itself"):
        Settings(outputs="vmc://127.0.0.1:39539?room=a", inputs="vmc://0.0.0.0:39539?room=a")
    Settings(outputs="vmc://127.0.0.1:39539?room=a", inputs="vmc://0.0.0.0:39539?room=b")
