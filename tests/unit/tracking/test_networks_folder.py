import re
from fnmatch import fnmatch
from pathlib import Path

from mocast.tracking.networks_folder import FILES

DOCKERFILE = Path(__file__).resolve().parents[3] / "Dockerfile"


def test_the_image_keeps_every_network_that_is_read() -> None:
    found = re.search(r"find mediapipe/modules \\\((.+?)\\\) -delete", DOCKERFILE.read_text())
    assert found is not None
    deleted = re.findall(r"-name '?([^ ']+)", found[1])
    assert deleted
    assert not [file for file in FILES.values() if any(fnmatch(Path(file).name, pattern) for pattern in deleted)]
