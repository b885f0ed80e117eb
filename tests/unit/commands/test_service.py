"""The unit of a service of the user's own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mocast.cli import main
from mocast.commands.service import manage, unit
from mocast.settings.settings import Settings


@pytest.fixture(autouse=True)
def configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return tmp_path


def line(content: str, name: str) -> str:
    (found,) = (line.partition("=")[2] for line in content.splitlines() if line.startswith(f"{name}="))
    return found


def test_install_writes_the_unit_and_tells_how_to_start_it(
    configuration: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert manage("install", Settings(port=9000), booted=tmp_path) == 0
    path = configuration / "systemd" / "user" / "mocast.service"
    printed = capsys.readouterr().out
    assert str(path) in printed
    assert "systemctl --user daemon-reload && systemctl --user enable --now mocast\n" in printed
    assert "loginctl enable-linger\n" in printed
    assert line(path.read_text(), "ExecStart") == f"{sys.executable} -P -m mocast serve --port=9000"


def test_uninstall_removes_what_install_and_enable_made(configuration: Path, tmp_path: Path) -> None:
    manage("install", Settings(), booted=tmp_path)
    units = configuration / "systemd" / "user"
    wanted = units / "default.target.wants" / "mocast.service"
    wanted.parent.mkdir()
    wanted.symlink_to(units / "mocast.service")
    assert manage("uninstall", Settings(), booted=tmp_path) == 0
    assert not (units / "mocast.service").exists()
    assert not wanted.is_symlink()
    assert manage("uninstall", Settings(), booted=tmp_path) == 1


def test_words_arrive_as_they_were_given() -> None:
    settings = Settings(tls_cert=Path("/a b/c%i.pem"), tls_key=Path("k$HOME"), published_on='x"\\', insecure=True)
    words = line(unit(settings), "ExecStart").partition(" serve ")[2]
    key = Path.cwd() / "k$$HOME"
    assert words == f'--insecure "--published-on=x\\"\\\\" "--tls-cert=/a b/c%%i.pem" --tls-key={key}'


def test_what_it_writes_to_can_be_written() -> None:
    folders = {"recordings_folder": Path("/srv/my recordings"), "jobs_folder": Path("/srv/jobs")}
    settings = Settings(**folders, auth="token", token_file=Path("/srv/auth/token"))
    assert line(unit(settings), "ReadWritePaths") == '%E/mocast %C/mocast "-/srv/my recordings" -/srv/jobs -/srv/auth'


def test_what_it_writes_to_is_there_before_it_starts(tmp_path: Path) -> None:
    manage("install", Settings(recordings_folder=tmp_path / "my" / "recordings"), booted=tmp_path)
    assert (tmp_path / "my" / "recordings").is_dir()


def test_what_protects_files_has_what_it_needs_in_a_service_of_a_users() -> None:
    assert line(unit(Settings()), "ProtectSystem") == "strict"
    assert line(unit(Settings()), "PrivateUsers") == "yes"  # or systemd leaves the other out in silence


def test_it_may_end_as_late_as_the_server_may() -> None:
    assert line(unit(Settings(drain_s=300, shutdown_timeout_s=20)), "TimeoutStopSec") == "330"


def test_a_secret_does_not_go_into_flags(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage("install", Settings(auth="token", token="0123456789abcdef"), booted=tmp_path) == 1
    said = capsys.readouterr().err
    assert f"write MOCAST_TOKEN=... into {tmp_path}/mocast/environment" in said
    assert "0123456789abcdef" not in said


def test_a_line_break_cannot_add_to_the_unit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert manage("install", Settings(published_on="a\nExecStartPre=/bin/false"), booted=tmp_path) == 1
    assert "cannot hold" in capsys.readouterr().err


def test_elsewhere_it_refuses(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert manage("install", Settings(), booted=tmp_path / "missing") == 1
    assert "systemd does not run this machine" in capsys.readouterr().err
    monkeypatch.setattr(sys, "platform", "darwin")
    assert manage("install", Settings(), booted=tmp_path) == 1
    assert "Linux's alone" in capsys.readouterr().err


def test_what_serve_refuses_is_not_installed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["service", "install", "--port", "high"]) == 2
    assert main(["service", "install", "--host", "0.0.0.0"]) == 2
    assert "nobody is asked for a token" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_finds_no_fault_in_it(configuration: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    settings = Settings(recordings_folder=tmp_path / "my recordings", published_on="100%")
    manage("install", settings, booted=tmp_path)
    path = configuration / "systemd" / "user" / "mocast.service"
    command = ["systemd-analyze", "--user", "verify", "--man=no"]
    verified = subprocess.run([*command, path], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    path.write_text(path.read_text().replace("ProtectSystem=strict", "ProtectSystem=somewhat"))
    verified = subprocess.run([*command, path], capture_output=True, text=True, check=False)
    assert "protect system value" in verified.stderr, "or nothing was looked at"
