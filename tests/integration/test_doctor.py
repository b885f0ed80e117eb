"""What ``mocast doctor`` says of the engine."""

import re
import socket
from pathlib import Path

import pytest

from mocast.certificate import keep_certificate
from mocast.cli import main
from mocast.commands import doctor
from mocast.settings.settings import Settings
from mocast.tracking.engines import ENGINES
from tests.ports import free_port
from tests.reference_engine import needs_mediapipe


@pytest.mark.parametrize(
    ("engine", "library"), [("openvino", "OpenVINO"), pytest.param("mediapipe", "MediaPipe", marks=needs_mediapipe)]
)
def test_the_engine_that_tracks_and_its_speed_are_told(
    capsys: pytest.CaptureFixture[str],
    network_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    engine: str,
    library: str,
) -> None:
    monkeypatch.setattr(doctor, "TIMED_FRAMES", 4)  # the times themselves are not looked at
    doctor.examine(Settings.model_validate({"engine": engine, "port": 0, "cache_dir": str(network_cache)}))
    told = capsys.readouterr().out
    assert re.search(rf"^ok    engine +{engine}: {library} \d+\.\d+\.\d+", told, re.M), told
    assert len(re.findall(r"^ok    (?:holistic|pose|hands|face) .* \d+\.\d ms a frame", told, re.M)) == 16, told
    if engine == "openvino":
        assert re.search(r"^ok    face shapes +by MediaPipe's network, [\d.]+ ms a face, and geometry", told, re.M), (
            told
        )
        assert re.search(r"^ok    heavy pose network (not )?installed: quality best", told, re.M), told
        assert re.search(r"^ok    (?:hand|pose) landmark +\w+ on the processor: \w", told, re.M), told


@pytest.mark.parametrize("command", ["doctor", "serve"])
def test_an_engine_that_does_not_load_is_told_in_a_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setitem(ENGINES, "openvino", "mocast.tracking.not_there:Engine")
    assert main([command, "--engine", "openvino", "--port", "0"]) == 1
    said = capsys.readouterr()
    told = "the engine openvino does not load: No module named 'mocast.tracking.not_there'"
    assert f"FAIL  engine             {told}\n" in said.out if command == "doctor" else said.err.endswith(f"{told}\n")
    assert "Traceback" not in said.out + said.err


def udp_ports(**settings: object) -> str:
    return doctor._udp_ports(Settings.model_validate({"ice_interfaces": "127.0.0.1/32", **settings}))


def test_the_ports_of_video_are_told_and_too_few_of_them_are_a_problem() -> None:
    port = free_port()
    with socket.socket(type=socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", port))
        with pytest.raises(doctor.ProblemFound, match=f"UDP port {port} at 127.0.0.1: .*; choose another --udp-port"):
            udp_ports(udp_port=port)
    assert udp_ports(udp_port=port, ice_tcp=True).endswith(f"video will use 127.0.0.1: port {port}, UDP and TCP")
    assert udp_ports(public_ips="203.0.113.7") == "video will use 127.0.0.1, from outside 203.0.113.7: any ports"
    few = {"udp_ports": "50000-50003", "max_viewers": 2}
    assert udp_ports(**few, max_sessions=2).endswith("4 ports for up to 4 publishers and viewers")
    assert udp_ports(**few, max_sessions=4).endswith("those that find none get 503")
    with pytest.raises(doctor.ProblemFound, match="4 ports in udp_ports 50000-50003; max_sessions is 5"):
        udp_ports(**few, max_sessions=5)
    with pytest.raises(doctor.ProblemFound, match="no address is in ice_interfaces"):
        udp_ports(ice_interfaces="198.51.100.0/24")


def test_folders_that_can_be_written_are_told_with_what_is_free_and_others_are_a_problem(tmp_path: Path) -> None:
    (taken := tmp_path / "taken").write_text("")
    settings = Settings(recordings_folder=tmp_path / "not" / "there" / "yet", jobs_folder=taken / "jobs")
    (recordings, told), (jobs, problem) = doctor._folder_checks(settings)
    assert (recordings, jobs) == ("recordings", "jobs")
    assert re.fullmatch(rf"{re.escape(str(settings.recordings_folder))}: \d+ GB free", told())
    assert not settings.recordings_folder.exists()
    with pytest.raises(doctor.ProblemFound, match=f"{taken} is no folder that can be written"):
        problem()


def test_a_certificate_is_told_with_its_end_and_one_with_another_s_key_is_a_problem(tmp_path: Path) -> None:
    for folder in ("own", "other"):
        keep_certificate(tmp_path / folder / "certificate.pem", tmp_path / folder / "key.pem", ["localhost"])
    certificate = tmp_path / "own" / "certificate.pem"
    (fits,) = doctor._certificate_checks(Settings(tls_cert=certificate, tls_key=tmp_path / "own" / "key.pem"))
    assert re.fullmatch(rf"{re.escape(str(certificate))}: until \d{{4}}-\d\d-\d\d", fits[1]())
    (does_not,) = doctor._certificate_checks(Settings(tls_cert=certificate, tls_key=tmp_path / "other" / "key.pem"))
    with pytest.raises(doctor.ProblemFound, match="it is another certificate's key"):
        does_not[1]()
    certificate.write_text(certificate.read_text().replace(" CERTIFICATE", " TRUSTED CERTIFICATE"))
    with pytest.raises(doctor.ProblemFound, match="it cannot be read: "):
        fits[1]()
    assert not list(doctor._certificate_checks(Settings()))


def test_a_relay_that_gives_no_address_is_a_problem(capsys: pytest.CaptureFixture[str]) -> None:
    settings = Settings.model_validate({"ice_turn_url": "turn:127.0.0.1:9?transport=tcp", "turn_secret": "x"})
    assert doctor._report("relay", lambda: doctor._relay(settings)) == 1
    assert "The TURN server 127.0.0.1 gives no address." in capsys.readouterr().out
