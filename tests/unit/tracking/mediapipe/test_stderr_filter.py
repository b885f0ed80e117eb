import os

import pytest

from mocast.tracking.mediapipe.stderr_filter import NOISE, STDERR, filtered_stderr


def test_noise_is_dropped_and_all_else_comes_through(capfd: pytest.CaptureFixture[str]) -> None:
    with filtered_stderr():
        for noise in NOISE:
            os.write(STDERR, b"W0000 1:2 " + noise + b" and so on\n")
        os.write(STDERR, b"a real warning\n")
        assert capfd.readouterr().err == ""
    assert capfd.readouterr().err == "a real warning\n"


def test_it_ends_with_an_error_inside(capfd: pytest.CaptureFixture[str]) -> None:
    def fail() -> None:
        with filtered_stderr():
            os.write(STDERR, b"last words\n")
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        fail()
    os.write(STDERR, b"afterwards\n")
    assert capfd.readouterr().err == "last words\nafterwards\n"


def test_without_a_file_to_hold_it_all_comes_through(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse() -> None:
        raise OSError("no space")

    monkeypatch.setattr("mocast.tracking.mediapipe.stderr_filter._memory", refuse)
    with filtered_stderr():
        os.write(STDERR, NOISE[0] + b"\n")
    assert capfd.readouterr().err.encode() == NOISE[0] + b"\n"
