"""Packages work without the libraries that they never call, and end where they call one all the same."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import av
import cv2
import numpy as np
import pytest
from scripts.stub_libraries import main

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or not shutil.which("ld"), reason="for the image's build, which has binutils"
)

WORKS = """
assert cv2.__file__.startswith(sys.argv[1]) and av.__file__.startswith(sys.argv[1])
assert cv2.warpAffine(np.full((8, 8), 7, np.uint8), np.eye(2, 3), (4, 4)).tolist() == [[7] * 4] * 4
assert av.Codec("libx264", "w").is_encoder and av.Codec("libx265", "w").video_formats is None
"""
CALLS = "cv2.VideoCapture('nothing.mp4', cv2.CAP_FFMPEG)"


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of OpenCV and PyAV, with stubs."""
    folder = tmp_path_factory.mktemp("packages")
    for package, libraries in ((cv2, "opencv_python_headless.libs"), (av, "av.libs")):
        origin = folder_of(package)
        if not (origin.parent / libraries).is_dir():
            pytest.skip(f"{origin.name} is not from a wheel")
        for path in (origin, origin.parent / libraries):
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("data", "__pycache__"))
    main([str(folder), "opencv_python_headless.libs/libav*", "av.libs/libx265*=null"])
    return folder


def test_what_is_not_called_is_not_missed(packages: Path) -> None:
    run(packages, WORKS).check_returncode()
    names = {path.name.partition("-")[0]: path.stat().st_size for path in packages.glob("opencv*.libs/*")}
    assert names["libavcodec"] < 50_000 < names["libopenblas"]
    assert "libcrypto" not in names, "which only libavformat needed"


def test_a_call_ends_the_process(packages: Path) -> None:
    assert run(packages, CALLS).returncode == -signal.SIGILL


def test_a_library_that_is_not_there_is_refused(packages: Path) -> None:
    with pytest.raises(LookupError, match="no library nothing"):
        main([str(packages), "nothing*"])


def folder_of(package: ModuleType) -> Path:
    assert package.__file__
    return Path(package.__file__).parent


def run(packages: Path, code: str) -> subprocess.CompletedProcess[bytes]:
    paths = os.pathsep.join((str(packages), str(folder_of(np).parent)))
    code = f"import sys, av, cv2, numpy as np\n{code}"
    return subprocess.run(
        [sys.executable, "-c", code, str(packages)], env=os.environ | {"PYTHONPATH": paths}, check=False
    )
