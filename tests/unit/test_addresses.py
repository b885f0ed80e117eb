import sys
from pathlib import Path

import pytest

from mocast import addresses
from mocast.addresses import may_show_tokens


class Terminal:
    """A stream that is a terminal, or is none."""

    def __init__(self, is_terminal: bool) -> None:
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize(
    ("is_terminal", "is_in_container", "shows"), [(True, False, True), (True, True, False), (False, False, False)]
)
def test_tokens_are_shown_in_a_terminal_but_not_in_a_container_whose_log_keeps_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, is_terminal: bool, is_in_container: bool, shows: bool
) -> None:
    marks = tmp_path / ".dockerenv", tmp_path / ".containerenv"
    if is_in_container:
        marks[1].touch()
    monkeypatch.setattr(addresses, "CONTAINER_MARKS", marks)
    monkeypatch.setattr(sys, "stderr", Terminal(is_terminal))
    assert may_show_tokens() == shows
