"""``mocast probe`` against a server: the delays of pictures that went there, and of their rigs to a port of an app."""

import pytest

from mocast.commands import probe as probe_command
from mocast.commands.probe import measured, parse_arguments, probe
from tests.integration.http_server import running


async def test_every_picture_s_rig_is_found_at_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(probe_command, "WARM_UP_S", 0.2)
    with running() as server:
        words = ["--server", f"http://127.0.0.1:{server.port}", "--seconds", "1", "--tracker", "pose"]
        delays = await measured(parse_arguments(words))
    assert delays.rigs > 5
    assert delays.pictures >= delays.rigs
    assert len(delays.rig_to_app) >= delays.rigs - 1
    assert (delays.camera_to_rig > 0).all()
    assert (delays.rig_to_app > 0).all()


def test_a_server_that_is_not_there_is_told_in_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert probe(["--server", "http://127.0.0.1:9", "--json"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith("mocast probe: The server cannot be reached")
