import os

import pytest

from mocast.tracking.mediapipe.stderr_filter import CHATTER, STDERR, quiet


def test_chatter_is_held_back_and_all_else_comes_through(capfd: pytest.CaptureFixture[str]) -> None:
    with quiet():
        for chatter in CHATTER:
            os.write(STDERR, b"W0000 1:2 " + chatter + b" and so on\n")
        os.write(STDERR, b"a real warning\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "a real warning\n"


def test_it_ends_with_an_error_inside(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with quiet():
            os.write(STDERR, b"last words\n")
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    os.write(STDERR, b"afterwards\n")
    assert capfd.readouterr().err == "last words\nafterwards\n"


def test_with_nowhere_to_keep_it_all_comes_through(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError("no space")

    monkeypatch.setattr("mocast.tracking.mediapipe.stderr_filter._memory", refuse)
    with quiet():
        os.write(STDERR, CHATTER[0] + b"\n")
    assert capfd.readouterr().err.encode() == CHATTER[0] + b"\n"
