"""An input of datagrams: who may send, what is broken, floods, a phone that must be asked, and its end."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from mocast.inputs.ifacialmocap import REQUEST
from mocast.inputs.input_options import INPUT_PORTS, InputOptions, input_options, parse_input_url
from mocast.inputs.udp_input import BURST, LEAST_BYTES, WORK_BURST_S, InputStatus, UdpInput
from mocast.model.blendshapes import Shape
from mocast.model.mixed_parts import SHAPES_AT
from mocast.model.source_pose import SourcePose

HANG_S = 60.0
PACKET = b"jawOpen-50|browInnerUp-30|=head#1,2,3,0,0,-0.5|"


class Taken:
    """What an input gave."""

    def __init__(self) -> None:
        self.poses: list[SourcePose] = []
        self.changed = threading.Condition()

    def __call__(self, pose: SourcePose) -> None:
        with self.changed:
            self.poses.append(pose)
            self.changed.notify_all()

    def wait(self, count: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.poses) >= count, HANG_S)


@contextmanager
def listening(options: InputOptions, taken: Taken) -> Iterator[tuple[UdpInput, Callable[[bytes], None]]]:
    one = UdpInput(replace(options, port=0), taken)
    port = one.open()
    one.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            yield one, lambda data: sender.sendto(data, ("127.0.0.1", port)) and None
    finally:
        one.close()


def test_a_datagram_becomes_a_pose_of_the_parts_that_are_taken() -> None:
    taken = Taken()
    with listening(input_options("ifacialmocap", "127.0.0.1", parts=("mouth",)), taken) as (one, send):
        send(PACKET)
        taken.wait(1)
    (pose,) = taken.poses
    assert pose.given.nonzero()[0].tolist() == [SHAPES_AT + Shape.JAW_OPEN]
    assert pose.head is None
    assert (one.status.datagrams, one.status.poses) == (1, 1)


def test_a_broken_datagram_is_counted_and_the_next_is_read() -> None:
    taken = Taken()
    with listening(input_options("vmc", "127.0.0.1"), taken) as (one, send):
        send(b"nonsense")
        send(b"/VMC/Ext/OK\0,i\0\0\0\0\0\1")
        taken.wait(1)
        assert one.status == InputStatus(1, 1, broken=1, detail="A datagram is broken: a text has no end.")


def test_json_that_is_nested_as_deep_as_it_may_be_is_broken_and_the_next_datagram_is_read() -> None:
    taken, deep = Taken(), "[" * 1000 + "]" * 1000
    with listening(input_options("meowface", "127.0.0.1"), taken) as (one, send):
        send(f'{{"BlendShapes": [{{"k": {deep}, "v": 1}}]}}'.encode())
        send(b'{"BlendShapes": [{"k": "jawOpen", "v": 1}]}')
        taken.wait(1)
        assert one.status.broken == 1


def test_others_than_those_who_may_send_are_not_read() -> None:
    taken = Taken()
    options = input_options("ifacialmocap", "127.0.0.1", ("192.0.2.0/24",))
    with listening(options, taken) as (one, send):
        send(PACKET)
        while not one.status.refused:
            send(PACKET)
    assert not taken.poses


def test_a_flood_is_not_read_and_what_comes_after_it_is() -> None:
    taken = Taken()
    now_s = [100.0]
    one = UdpInput(replace(input_options("ifacialmocap", "127.0.0.1"), port=0), taken, lambda: now_s[0])
    port = one.open()
    one.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while not one.status.paused:
                sender.sendto(b"junk", ("127.0.0.1", port))
            assert one.status.broken <= BURST / LEAST_BYTES + 1
            now_s[0] += 1
            while not taken.poses:
                sender.sendto(PACKET, ("127.0.0.1", port))
    finally:
        one.close()


def test_poses_that_take_long_are_not_read_beyond_an_input_s_share_of_a_core() -> None:
    taken, step_s = Taken(), WORK_BURST_S / 10

    def take(pose: SourcePose) -> None:
        ends_s = time.thread_time() + step_s
        while time.thread_time() < ends_s:
            pass
        taken(pose)

    one = UdpInput(replace(input_options("ifacialmocap", "127.0.0.1"), port=0), take, lambda: 100.0)
    port = one.open()
    one.start()
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
            while one.status.paused < 3:
                sender.sendto(PACKET, ("127.0.0.1", port))
        assert len(taken.poses) <= 11
    finally:
        one.close()


def test_a_phone_is_asked_to_send(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as phone:
        phone.bind(("127.0.0.1", 0))
        phone.settimeout(HANG_S)
        monkeypatch.setitem(INPUT_PORTS, "ifacialmocap", phone.getsockname()[1])
        taken = Taken()
        with listening(input_options("ifacialmocap", "127.0.0.1", phone="127.0.0.1"), taken):
            asked, server = phone.recvfrom(1024)
            assert asked == REQUEST
            phone.sendto(PACKET, server)
            taken.wait(1)


def test_a_port_that_is_taken_is_an_os_error() -> None:
    first = UdpInput(replace(input_options("vmc", "127.0.0.1"), port=0), Taken())
    port = first.open()
    second = UdpInput(replace(input_options("vmc", "127.0.0.1"), port=port), Taken())
    with pytest.raises(OSError, match="in use") as caught:
        second.open()
    assert caught.value.filename == f"vmc://127.0.0.1:{port}"  # which the operator is told, not the server's
    first.close()
    second.close()


def test_an_operator_s_url_is_read() -> None:
    room, options = parse_input_url("vmc://0.0.0.0:39540?room=stage&from=192.168.1.0/24&parts=arms,body")
    assert (room, options.kind, options.host, options.port) == ("stage", "vmc", "0.0.0.0", 39540)
    assert [str(network) for network in options.networks] == ["192.168.1.0/24"]
    assert options.parts == ("arms", "body")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://0.0.0.0", "There is no input"),
        ("vmc://", "is written vmc://ADDRESS:PORT"),
        ("vmc://0.0.0.0:99999", "An input listens at"),
        ("vmc://0.0.0.0?room=a/b", "room"),
        ("vmc://0.0.0.0?from=here", "here"),
        ("vmc://0.0.0.0?parts=legs", "parts"),
        ("vmc://0.0.0.0?phone=192.168.1.5", "A phone is asked"),
    ],
)
def test_an_impossible_url_is_refused_in_a_sentence(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_input_url(url)
