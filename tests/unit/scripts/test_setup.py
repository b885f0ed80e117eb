"""Set-up on a machine that lacks something: one sentence that says what to install, and nothing half done."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[3] / "scripts"

USUAL = ("sh", "cat", "cksum", "dirname", "find", "sort")
"""What every Unix has."""


class Machine:
    """A project folder and a path with a few programs on it."""

    def __init__(self, folder: Path) -> None:
        self.bin = folder / "bin"
        self.project = folder / "project"
        self.bin.mkdir()
        shutil.copytree(SCRIPTS, self.project / "scripts")
        (self.project / "web").mkdir()
        (self.project / "web" / "package.json").write_text("{}")
        (self.project / "docs").mkdir()
        (self.project / "docs" / "openapi.yaml").write_text("{}")
        for name in USUAL:
            found = shutil.which(name)
            assert found
            (self.bin / name).symlink_to(found)

    def has(self, name: str, script: str) -> None:
        path = self.bin / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def has_python(self, version: str, *, venv: bool = True, name: str = "python3") -> None:
        """A Python that answers as the real one does, but with this version."""
        pretend = (
            "import sys, platform; "
            f"sys.version_info = ({version.replace('.', ', ')}); platform.python_version = lambda: '{version}'; "
            + ("" if venv else "sys.modules['ensurepip'] = None; ")
        )
        self.has(name, f'exec {sys.executable} -c "{pretend}$2"')

    def runs(self, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.project / "scripts" / script],
            env={"PATH": str(self.bin)} | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def refuses(self, script: str) -> str:
        """The one sentence on standard error."""
        done = self.runs(script)
        assert done.returncode == 1
        assert done.stdout == ""
        sentence, *more = done.stderr.splitlines()
        assert more == []
        return sentence


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_python_is_missing(machine: Machine) -> None:
    assert machine.refuses("find_python.sh").startswith("Python is missing: install Python 3.11, 3.12 or 3.13")


def test_python_is_too_old(machine: Machine) -> None:
    machine.has_python("3.9.2")
    assert machine.refuses("find_python.sh").startswith("Python 3.9.2 is too old: install Python 3.11, 3.12 or 3.13")


def test_python_is_too_new(machine: Machine) -> None:
    machine.has_python("3.14.1")
    assert machine.refuses("find_python.sh").startswith("Python 3.14.1 is too new: install Python 3.13")


def test_venv_is_missing(machine: Machine) -> None:
    machine.has_python("3.12.3", venv=False)
    assert "apt-get install python3.12-venv" in machine.refuses("find_python.sh")


@pytest.mark.parametrize("version", ["3.11.2", "3.12.7", "3.13.1"])
def test_python_is_found(machine: Machine, version: str) -> None:
    machine.has_python(version)
    done = machine.runs("find_python.sh")
    assert (done.returncode, done.stdout.strip()) == (0, str(machine.bin / "python3"))


def test_a_usable_python_beside_a_newer_one_is_found(machine: Machine) -> None:
    machine.has_python("3.14.1")
    machine.has_python("3.11.2", name="python3.11")
    assert machine.runs("find_python.sh").stdout.strip() == str(machine.bin / "python3.11")


def test_operator_names_a_python(machine: Machine) -> None:
    machine.has_python("3.11.2", name="mine")
    assert machine.runs("find_python.sh", PYTHON="mine").stdout.strip() == str(machine.bin / "mine")


def test_node_is_missing(machine: Machine) -> None:
    assert machine.refuses("web.sh").startswith("Node.js is missing: install version 20.19 or later with npm")


def test_node_is_too_old(machine: Machine) -> None:
    machine.has("node", '[ "$1" = --version ] && echo v18.19.0 || exit 1')
    assert machine.refuses("web.sh").startswith("Node.js v18.19.0 is too old: install version 20.19 or later")


def test_npm_is_missing(machine: Machine) -> None:
    machine.has("node", "exit 0")
    assert machine.refuses("web.sh").startswith("npm is missing: install it beside Node.js")


def test_page_is_built_once_and_again_when_a_source_changed(machine: Machine) -> None:
    web = machine.project / "web"
    (web / "package-lock.json").write_text("{}")
    (web / "main.ts").write_text("one")
    machine.has("node", "exit 0")
    built = "../server/mocast/web"
    machine.has("npm", f'[ "$1" = ci ] && mkdir node_modules || {{ mkdir -p {built} && : >{built}/index.html; }}')
    mkdir = shutil.which("mkdir")
    assert mkdir
    (machine.bin / "mkdir").symlink_to(mkdir)

    assert machine.runs("web.sh").stdout.splitlines() == [
        "Installing the page's packages into web/node_modules/",
        "Building the page into server/mocast/web/",
    ]
    assert machine.runs("web.sh").stdout == ""
    (web / "main.ts").write_text("two")
    assert machine.runs("web.sh").stdout.splitlines() == ["Building the page into server/mocast/web/"]
    (web / "other.ts").write_text("")
    assert machine.runs("web.sh").stdout != ""
    (machine.project / "docs" / "openapi.yaml").write_text("{openapi: 3.1.0}")
    assert machine.runs("web.sh").stdout != ""
    (machine.project / "server" / "mocast" / "web" / "index.html").unlink()
    assert machine.runs("web.sh").stdout != ""
