"""What the mixer of sources costs, in microseconds: ``.venv/bin/python -m bench.mixing``."""

import statistics
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from tests.golden import make

from mocast.inputs.ifacialmocap import IFacialMocapParser
from mocast.inputs.vmc import VmcParser
from mocast.model.rig import Found, HeadPose
from mocast.outputs.ifacialmocap import IFacialMocapEncoder
from mocast.outputs.vmc import VmcEncoder
from mocast.pipeline.fanout import Fanout
from mocast.rooms.room_mixer import RoomMixer

ROUNDS = 1000


def median_us(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """Return how long ``work`` takes, each time after ``before``."""
    times = []
    for _ in range(ROUNDS):
        before()
        began = time.perf_counter()
        work()
        times.append(time.perf_counter() - began)
    return statistics.median(times) * 1e6


def main() -> None:
    """Print a table."""
    head = HeadPose(np.array([0, 0, 0.5], np.float32), np.array([0, 0, 0, 1], np.float32))
    found = Found(body=True, face=True, left_hand=True, right_hand=True)
    rig = replace(make.moving_rig(), found=found, head=head)
    (packet,) = IFacialMocapEncoder().encode(rig)
    bundles = [bytes(bundle) for bundle in VmcEncoder().encode(rig)]
    phone, performer = IFacialMocapParser(), VmcParser()
    face = phone.parse(packet, 1.0)
    body = next(pose for pose in (performer.parse(bundle, 1.0) for bundle in bundles) if pose is not None)
    assert face is not None
    mixer = RoomMixer(Fanout(), lambda: (0, 0))
    print(f"a camera's rig, no further source  {median_us(lambda: mixer.mixed(rig)):7.1f}")
    print(f"a datagram of iFacialMocap         {median_us(lambda: phone.parse(packet, 1.0)):7.1f}")
    print(f"a frame of VMC ({len(bundles)} datagrams)       ", end="")
    print(f"{median_us(lambda: [performer.parse(bundle, 1.0) for bundle in bundles]):7.1f}")
    with mixer.feed("phone") as feed_phone, mixer.feed("vmc") as feed_vmc:
        print(f"a phone's pose taken               {median_us(lambda: feed_phone(face)):7.1f}")
        mixed = median_us(lambda: mixer.mixed(rig), lambda: feed_phone(face))
        print(f"a camera's rig, a phone beside it  {mixed:7.1f}")
        both = median_us(lambda: mixer.mixed(rig), lambda: (feed_phone(face), feed_vmc(body)))
        print(f"a camera's rig, a phone and VMC    {both:7.1f}")


if __name__ == "__main__":
    main()
