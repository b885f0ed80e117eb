"""Writes the images of deploy/images.env into Dockerfile, docker-compose.yml and deploy/k8s.

Run: python -m scripts.images [--renew | --check]. ``--renew`` first replaces the digests by those that the registries
have for the tags, ``--check`` only compares; both ask them with ``docker buildx``.
"""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "deploy" / "images.env"
K8S = ROOT / "deploy" / "k8s" / "base"
USERS = (ROOT / "Dockerfile", ROOT / "docker-compose.yml", K8S / "coturn.yaml", K8S / "redis.yaml")


def main(words: list[str]) -> int:
    """Do what was asked for; return the exit status, 1 where ``--check`` found another digest."""
    if words not in ([], ["--renew"], ["--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    text = IMAGES.read_text("utf-8")
    if words:
        renewed = re.sub(
            r"^(\w+=)(\S+)@sha256:\w+$", lambda line: f"{line[1]}{line[2]}@{_digest(line[2])}", text, flags=re.M
        )
        if words == ["--check"]:
            for old, new in zip(images(text).values(), images(renewed).values(), strict=True):
                print("ok" if old == new else f"is {new.rpartition('@')[2]} today:", old)
            return int(renewed != text)
        IMAGES.write_text(renewed, "utf-8")
        text = renewed
    for path in USERS:
        path.write_text(with_images(path.read_text("utf-8"), images(text)), "utf-8")
    return 0


def images(text: str) -> dict[str, str]:
    """Return the images by the names of their variables."""
    return dict(re.findall(r"^(\w+)=(\S+)$", text, re.M))


def with_images(text: str, wanted: dict[str, str]) -> str:
    """Return a Dockerfile's or a Compose file's text with these images where it has their variables, or a manifest's
    where it has images of these names."""
    for name, image in wanted.items():
        text = re.sub(rf"^ARG {name}=\S+$", f"ARG {name}={image}", text, flags=re.M)
        text = re.sub(rf"\$\{{{name}:-[^}}]*\}}", f"${{{name}:-{image}}}", text)
        repository = image.partition("@")[0].rpartition(":")[0]
        text = re.sub(rf"^( +image: ){repository}:\S+$", rf"\1{image}", text, flags=re.M)
    return text


def _digest(image: str) -> str:
    """Ask the registry for the digest of a tag: that of the index, which is for all processors."""
    command = ["docker", "buildx", "imagetools", "inspect", image, "--format", "{{.Manifest.Digest}}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
