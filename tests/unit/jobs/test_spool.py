"""A spool gives back what was tracked, to the bit, and tells when it was cut short."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests import people

from mocast.jobs.spool import SpoolWriter, read_lead_in, read_spool, spool_files
from mocast.model.tracked import Tracked

PACKETS = [b"key", b"", b"other" * 1000]


def frames() -> list[Tracked]:
    person = people.person()
    return [
        replace(person, frame=7, pts=630_000, tracking_ns=12_345),
        Tracked(8, 633_000, 0, (1920, 1080)),
        replace(person, frame=1 << 40, pts=1 << 41, face=None, left_hand=None),
    ]


def written(path: Path, *, with_packets: bool = True) -> Path:
    with SpoolWriter(path, with_packets=with_packets) as spool:
        for number, tracked in enumerate(frames()):
            spool.write(tracked, number * 512)
        for number, packet in enumerate(PACKETS if with_packets else []):
            spool.write_packet(packet, is_key_frame=number == 0)
        assert spool.count == 3
    return path


def test_what_was_tracked_comes_back_to_the_bit(tmp_path: Path) -> None:
    read = list(read_spool(written(tmp_path / "0-3")))
    assert [one.source_pts for one in read] == [0, 512, 1024]
    assert [(one.packet, one.is_key_frame) for one in read] == [
        (PACKETS[0], True),
        *((it, False) for it in PACKETS[1:]),
    ]
    for one, expected in zip(read, frames(), strict=True):
        for name in ("frame", "pts", "size_wh", "tracking_ns", "person"):
            assert getattr(one.tracked, name) == getattr(expected, name)
        for part in ("pose", "face", "left_hand", "right_hand"):
            found, wanted = getattr(one.tracked, part), getattr(expected, part)
            assert (found is None) == (wanted is None)
            for field in () if wanted is None else wanted.__dataclass_fields__:
                np.testing.assert_array_equal(getattr(found, field), getattr(wanted, field))
        assert one.tracked.delay_ms == 0


def test_a_spool_without_pictures_has_no_packets(tmp_path: Path) -> None:
    path = written(tmp_path / "0-3", with_packets=False)
    assert [one.packet for one in read_spool(path)] == [None] * 3
    assert [file.name for file in spool_files(path)] == ["0-3.landmarks"]


def test_a_spool_that_was_cut_short_is_no_result(tmp_path: Path) -> None:
    path = written(tmp_path / "0-3")
    pictures = path.with_name("0-3.pictures")
    pictures.write_bytes(pictures.read_bytes()[:-1])
    with pytest.raises(ValueError, match="cut short"):
        list(read_spool(path))


def test_all_people_of_a_frame_come_back(tmp_path: Path) -> None:
    person = people.person()
    frame = replace(person, frame=3, others=(replace(person, frame=3, person=2, face=None),))
    alone = replace(person, frame=4, person=2)
    with SpoolWriter(tmp_path / "0-2", with_packets=False) as spool:
        spool.write_lead_in(frame, 0)
        spool.write(frame, 512)
        spool.write(alone, 1024)
        assert spool.count == 2
    read = [one.tracked for one in (*read_lead_in(tmp_path / "0-2"), *read_spool(tmp_path / "0-2"))]
    assert [[(one.frame, one.person, one.face is None) for one in found.people] for found in read] == [
        [(3, 0, False), (3, 2, True)],
        [(3, 0, False), (3, 2, True)],
        [(4, 2, False)],
    ]
