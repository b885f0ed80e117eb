"""What ``uv build`` makes of a checkout: everything, or nothing and a sentence."""

import os
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest

from mocast import __version__
from mocast.tracking.networks_folder import FACE_SHAPES, FILES

ROOT = Path(__file__).resolve().parents[3]
UV = ROOT / ".tools" / "uv" / "bin" / "uv"
MADE = {
    "web/index.html",
    "web/assets/index-1.js",
    *(f"tracking/networks/{name}.tflite" for name in FILES),
    f"tracking/face_shapes/{FACE_SHAPES.name}",
}
"""What Git does not hold."""


def tracked() -> list[str]:
    """The package's files in Git, and those that may be added to it."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "server/mocast"]
    listed = subprocess.check_output(command, cwd=ROOT, text=True).split()
    return [name for name in listed if (ROOT / name).exists()]


def copied(folder: Path) -> Path:
    """What Git holds of a wheel's sources, as it is now in the checkout."""
    for file in ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "scripts/build_backend.py", *tracked()):
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / file, folder / file)
    return folder


def build(folder: Path, *flags: str) -> "subprocess.CompletedProcess[str]":
    command = [UV, "build", "--offline", "--python", sys.executable, *flags]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel and an archive of sources."""
    folder = copied(tmp_path_factory.mktemp("checkout"))
    for name in MADE:
        path = folder / "server" / "mocast" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    built = build(folder)
    assert built.returncode == 0, built.stderr
    return folder / "dist"


@pytest.fixture(scope="module")
def wheel(dist: Path) -> zipfile.ZipFile:
    (path,) = dist.glob("*.whl")
    assert path.name == f"mocast-{__version__}-py3-none-any.whl"
    return zipfile.ZipFile(path)


@pytest.fixture(scope="module")
def metadata(wheel: zipfile.ZipFile) -> Message:
    return message_from_bytes(wheel.read(f"mocast-{__version__}.dist-info/METADATA"))


def test_a_wheel_holds_all_that_git_holds_of_the_package_and_all_that_is_made(wheel: zipfile.ZipFile) -> None:
    ours = {name.removeprefix("server/") for name in tracked()} | {f"mocast/{name}" for name in MADE}
    assert ours - set(wheel.namelist()) == set()


def test_the_archive_of_sources_is_enough_for_the_same_wheel(
    dist: Path, wheel: zipfile.ZipFile, tmp_path: Path
) -> None:
    (sources,) = dist.glob("*.tar.gz")
    with tarfile.open(sources) as archive:
        archive.extractall(tmp_path, filter="data")
    again = build(tmp_path / f"mocast-{__version__}", "--wheel")
    assert again.returncode == 0, again.stderr
    (path,) = (tmp_path / f"mocast-{__version__}" / "dist").glob("*.whl")
    assert path.read_bytes() == Path(str(wheel.filename)).read_bytes()


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        ("web", "the page is not built"),
        ("tracking/networks", "the networks are not in"),
        ("tracking/face_shapes", "the network of face shapes is not in"),
    ],
)
@pytest.mark.parametrize("flag", ["--wheel", "--sdist"])
def test_without_the_page_or_the_networks_nothing_is_built(
    missing: str, sentence: str, flag: str, tmp_path: Path
) -> None:
    folder = copied(tmp_path)
    for name in MADE:
        path = folder / "server" / "mocast" / name
        if not name.startswith(missing):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    built = build(folder, flag)
    assert built.returncode != 0
    assert f"Mocast cannot be built: {sentence}" in built.stderr
    assert "Run `make wheel`" in built.stderr
    assert not list((folder / "dist").glob("mocast*"))


def test_without_uv_the_builder_is_asked_for() -> None:
    asks = "import build_backend; print(build_backend.get_requires_for_build_wheel())"
    environment = {name: value for name, value in os.environ.items() if name != "UV"}
    printed = subprocess.check_output([sys.executable, "-c", asks], cwd=ROOT / "scripts", env=environment, text=True)
    assert printed.startswith("['uv_build>=")


def test_its_metadata_say_what_it_is(wheel: zipfile.ZipFile, metadata: Message) -> None:
    assert metadata["Requires-Python"] == ">=3.11, <3.14"
    assert metadata["License-Expression"] == "Apache-2.0"
    assert metadata.get_all("License-File") == ["LICENSE", "NOTICE"]
    assert "Programming Language :: Python :: 3.13" in metadata.get_all("Classifier", [])
    assert metadata.get_all("Provides-Extra") == ["keys", "mediapipe", "mqtt", "otel", "parquet", "ray", "redis"]
    assert metadata["Project-URL"] is None  # or it is the project's own home by now
    assert (
        wheel.read(f"mocast-{__version__}.dist-info/entry_points.txt")
        == b"[console_scripts]\nmocast = mocast.cli:main\n\n"
    )


def test_pip_installs_no_second_opencv_and_no_engine_that_is_not_needed(metadata: Message) -> None:
    asked = [line for line in metadata.get_all("Requires-Dist", []) if "extra ==" not in line]
    mediapipe = [line.partition(" ; ")[2] for line in asked if line.startswith("mediapipe")]
    assert mediapipe == ["python_full_version < '3.13' and platform_machine != 'arm64' and sys_platform == 'darwin'"]
    assert [line for line in asked if line.startswith("opencv")] == ["opencv-python-headless>=4.11,<4.12"]


def test_the_version_is_the_same_everywhere() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == __version__
