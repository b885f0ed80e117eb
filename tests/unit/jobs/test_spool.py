"""A spool gives back what was tracked, to the bit, and tells when it was cut short."""

from dataclasses import replace
from pathlib import Path

import numpy as np
from tests import people

from mocast.jobs.spool import SpoolReader, SpoolWriter, read_lead_in, spool_files
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
    read = SpoolReader(written(tmp_path / "0-3"), with_packets=True).read(4)
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
    assert [one.packet for one in SpoolReader(path, with_packets=False).read(3)] == [None] * 3
    assert [file.name for file in spool_files(path)] == ["0-3.landmarks"]


def test_a_frame_is_read_once_all_of_it_is_there(tmp_path: Path) -> None:
    path = written(tmp_path / "0-3")
    pictures, landmarks = path.with_name("0-3.pictures"), path.with_name("0-3.landmarks")
    whole = {file: file.read_bytes() for file in (pictures, landmarks)}
    for file, data in whole.items():
        file.write_bytes(data[:-1])
        reader = SpoolReader(path, with_packets=True)
        assert len(reader.read(3)) == 2
        file.write_bytes(data)
        assert [frame.packet for frame in reader.read(3)] == PACKETS[2:]


def test_who_reads_a_spool_keeps_it_when_it_is_written_once_more(tmp_path: Path) -> None:
    reader = SpoolReader(written(tmp_path / "0-3"), with_packets=True)
    with SpoolWriter(tmp_path / "0-3", with_packets=True) as again:
        assert len(reader.read(3)) == 3
        again.write(frames()[0], 0)
        assert (again.count, again.whole) == (1, 0)
        assert SpoolReader(tmp_path / "0-3", with_packets=True).read(3) == []
        again.write_packet(b"key", is_key_frame=True)
        again.flush()
        assert len(SpoolReader(tmp_path / "0-3", with_packets=True).read(3)) == again.whole == 1


def test_all_people_of_a_frame_come_back(tmp_path: Path) -> None:
    person = people.person()
    frame = replace(person, frame=3, others=(replace(person, frame=3, person=2, face=None),))
    alone = replace(person, frame=4, person=2)
    with SpoolWriter(tmp_path / "0-2", with_packets=False) as spool:
        spool.write_lead_in(frame, 0)
        spool.write(frame, 512)
        spool.write(alone, 1024)
        assert spool.count == 2
    reader = SpoolReader(tmp_path / "0-2", with_packets=False)
    read = [one.tracked for one in (*read_lead_in(tmp_path / "0-2"), *reader.read(2))]
    assert [[(one.frame, one.person, one.face is None) for one in found.people] for found in read] == [
        [(3, 0, False), (3, 2, True)],
        [(3, 0, False), (3, 2, True)],
        [(4, 2, False)],
    ]
