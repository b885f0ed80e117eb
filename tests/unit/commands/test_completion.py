"""Completion, by the shells themselves: a word is begun, and Tab is pressed."""

import contextlib
import os
import pty
import re
import select
import shutil
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.debian import unpacked
from tests.peers import HANG_S

from mocast.cli import COMMANDS, main
from mocast.commands.completion import described

PROMPT = "ready> "
CONTROL = re.compile(r"\x1b\[[\d;?]*[A-Za-z]|\x1b[=>]|\x00|\x07")
"""What moves the cursor of a terminal, or fills time."""


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Shell → its script, as the command prints it."""
    folder = tmp_path_factory.mktemp("completion")
    for shell in ("bash", "zsh", "fish"):
        with (folder / shell).open("w") as script, contextlib.redirect_stdout(script):
            assert main(["completion", shell]) == 0
    return {path.name: path for path in folder.iterdir()}


class Terminal:
    """A shell that somebody types into."""

    def __init__(self, master: int) -> None:
        self._master = master

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    def until(self, pattern: str) -> str:
        """Return what is shown up to a pattern."""
        shown, give_up = "", time.monotonic() + HANG_S
        while not re.search(pattern, re.sub(r"[^\x08]\x08", "", shown)):
            left = give_up - time.monotonic()
            assert left > 0, f"{pattern} is not in {shown!r}"
            if select.select([self._master], [], [], left)[0]:
                shown += CONTROL.sub("", os.read(self._master, 65_536).decode(errors="replace"))
        return shown


@contextmanager
def terminal(*command: str, **environment: str) -> Iterator[Terminal]:
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (50, 500))  # so that no line is broken
    everything = {"PATH": os.environ["PATH"], "TERM": "vt100", "HOME": "/nonexistent", "PS1": PROMPT} | environment
    shell = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=everything, start_new_session=True)
    os.close(slave)
    try:
        yield Terminal(master)
    finally:
        shell.kill()
        shell.wait()
        os.close(master)


@contextmanager
def bash(script: Path) -> Iterator[Terminal]:
    with terminal("bash", "--norc", "--noprofile", "-i") as shell:
        shell.type(f"bind 'set enable-bracketed-paste off'; source {script}; echo 'so'urced\n")
        shell.until(rf"[\r\n]sourced\s+{PROMPT}")
        yield shell


@contextmanager
def zsh(script: Path) -> Iterator[Terminal]:
    folder = Path("/") if shutil.which("zsh") else unpacked("zsh", "zsh-common")
    if folder is None:
        pytest.skip("there is no zsh, and Debian's cannot be fetched")
    (modules,) = (folder / "usr/lib").glob("*/zsh/*/zsh")
    (functions,) = (folder / "usr/share/zsh").glob("functions")
    below = ":".join(str(path) for path in [functions, *functions.rglob("*")] if path.is_dir())
    program = next(path for path in (folder / "bin/zsh", folder / "usr/bin/zsh") if path.exists())
    lines = [f"module_path=({modules.parent})", "autoload -Uz compinit", "compinit -u -D", f"source {script}"]
    (script.parent / ".zshrc").write_text("\n".join([*lines, f"PS1='{PROMPT}'", "PROMPT_SP=", "echo sourced\n"]))
    with terminal(str(program), "-d", "-i", ZDOTDIR=str(script.parent), FPATH=below) as shell:
        shell.until(rf"sourced\s+.*{PROMPT}")
        yield shell


SHELLS = {"bash": bash, "zsh": zsh}


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest, scripts: dict[str, Path]) -> Iterator[Terminal]:
    with SHELLS[request.param](scripts[request.param]) as shell:
        yield shell


def test_commands_flags_and_values_are_completed(shell: Terminal) -> None:
    for begun, completed in {
        "mocast compl\t": "mocast completion ",
        "mocast serve --max-sessions-per-a\t": "--max-sessions-per-address ",
        "mocast serve --engine open\t": "--engine openvino ",
        "mocast doctor --engine=open\t": "--engine=openvino ",
        "mocast service inst\t--po\t": "mocast service install --port ",
        "mocast token --grant sub\t": "--grant subscribe ",
        f"mocast serve --tls-cert {__file__[:-5]}\t": f"--tls-cert {__file__} ",
    }.items():
        shell.type(begun)
        shell.until(re.escape(completed))
        shell.type("\x15")  # the line is taken back


def test_fish_has_a_line_for_each_command_and_flag(scripts: dict[str, Path]) -> None:
    lines = scripts["fish"].read_text().splitlines()
    assert all(line.startswith("complete -c mocast -n ") for line in lines)
    commands = list(described(COMMANDS))
    flags = sum(len(command.flags) for command in commands)
    assert len(lines) == len(commands) + flags + sum(bool(command.words) for command in commands)
    if shutil.which("fish"):
        assert subprocess.run(["fish", "--no-execute", scripts["fish"]], check=False).returncode == 0


def test_every_command_and_every_setting_is_there() -> None:
    flags = {command.name: {flag.name for flag in command.flags} for command in described(COMMANDS)}
    assert flags.keys() == COMMANDS.keys()
    assert {"--help", "--port", "--auth", "--no-insecure"} <= flags["serve"] <= flags["service"]
    assert "--parent" not in flags["process"], "what --help leaves out is for programs"
    assert flags["export"] == {"--help", "--fps", "--no-smooth", "--person", "--avatar"}
