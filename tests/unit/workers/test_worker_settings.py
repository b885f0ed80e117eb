"""How many workers there are, and what each of them has of the operator's settings."""

import pytest

from mocast.cluster.worker_place import WorkerPlace
from mocast.settings.settings import Settings
from mocast.webrtc.ice import parse_port_range
from mocast.workers import worker_settings
from mocast.workers.worker_settings import fed_rooms, own_settings, worker_count


def place(index: int, count: int = 3) -> WorkerPlace:
    return WorkerPlace(index, count, "secret", "/run/mocast", (3, 4), ("hall",))


def test_a_place_comes_over_as_it_was_told() -> None:
    assert WorkerPlace.from_json(place(1).to_json()) == place(1)


@pytest.mark.parametrize(("cores", "count"), [(1, 1), (2, 1), (4, 1), (8, 2), (64, 16)])
def test_auto_is_a_process_for_about_four_cores(cores: int, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker_settings, "usable_cores", lambda: cores)
    assert worker_count(Settings(workers="auto")) == count


def test_there_are_no_more_workers_than_ports_for_them() -> None:
    assert worker_count(Settings(workers="8", udp_ports="50000-50002")) == 3


def test_what_the_server_may_have_is_shared_out_rounded_up() -> None:
    settings = Settings(max_sessions=16, max_viewers=64, recordings_kept=8, max_jobs=0, tracking_threads=2)
    own = own_settings(settings, place(0))
    assert (own.session_limit, own.max_viewers, own.recordings_kept) == (6, 22, 3)
    assert (own.max_jobs, own.tracking_threads) == (0, 1)


def test_no_two_workers_have_a_port_of_media_in_common() -> None:
    ranges = [own_settings(Settings(udp_ports="50000-50010"), place(index)).udp_ports for index in range(3)]
    ports = [port for text in ranges for port in parse_port_range(text)]
    assert len(ports) == len(set(ports)) == 9
    assert set(ports) <= set(range(50_000, 50_011))
    single = [own_settings(Settings(udp_port=3478), place(index)).udp_port for index in range(3)]
    assert single == [3478, 3479, 3480]


def test_only_the_first_has_the_operators_cameras_inputs_and_outputs() -> None:
    settings = Settings(sources="hall=rtsp://camera.example/1", outputs="vmc://127.0.0.1:39539?room=stage")  # type: ignore[arg-type]
    assert fed_rooms(settings) == {"hall", "stage"}
    first, second = (own_settings(settings, place(index)) for index in range(2))
    assert fed_rooms(first) == {"hall", "stage"}
    assert fed_rooms(second) == frozenset()
