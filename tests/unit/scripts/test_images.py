"""Images are named in one place, by digest, and that place is what is built and run."""

import os
import re
import shutil
from pathlib import Path

import pytest
import yaml
from scripts import images as script
from scripts.images import IMAGES, K8S, ROOT, USERS, images, with_images

COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
OWN = "mocast"

DIGEST = re.compile(r"docker\.io/[\w./-]+:[\w.-]+@sha256:[0-9a-f]{64}")


def test_every_image_has_a_registry_a_tag_and_a_digest() -> None:
    named = images(IMAGES.read_text("utf-8"))
    assert len(named) >= 5
    assert [image for image in named.values() if not DIGEST.fullmatch(image)] == []


def test_dockerfile_compose_and_manifests_use_these_images_and_no_others() -> None:
    named = images(IMAGES.read_text("utf-8"))
    for path in USERS:
        text = path.read_text("utf-8")
        assert with_images(text, named) == text, "run `make images`"
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    arguments = set(re.findall(r"^ARG (\w+_IMAGE)=", dockerfile, re.M))
    stages = set(re.findall(r" AS (\w+)$", dockerfile, re.M))
    bases = re.findall(r"^FROM (\S+)", dockerfile, re.M)
    assert set(bases) <= {f"${{{name}}}" for name in arguments} | stages
    used = arguments | {
        match[1] for service in COMPOSE.values() if (match := re.match(r"\$\{(\w+):-", service["image"]))
    }
    assert used == named.keys()
    assert [name for name, service in COMPOSE.items() if not service["image"].startswith("${")] == [OWN]
    manifests = "\n".join(path.read_text("utf-8") for path in K8S.glob("*.yaml"))
    assert set(re.findall(r"^ +image: (\S+)$", manifests, re.M)) <= {OWN, *named.values()}


def test_digests_are_renewed_in_all_files_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a stand-in for ``docker``: no registry is asked."""
    docker = tmp_path / "docker"
    docker.write_text('#!/bin/sh\necho "sha256:$(printf %064d 7)"\n')
    docker.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    copies = [Path(shutil.copy(path, tmp_path)) for path in (IMAGES, *USERS)]
    monkeypatch.setattr(script, "IMAGES", copies[0])
    monkeypatch.setattr(script, "USERS", copies[1:])
    assert script.main(["--check"]) == 1
    assert script.main(["--renew"]) == 0
    assert script.main(["--check"]) == 0
    for path in copies:
        assert set(re.findall(r"sha256:(\w+)", path.read_text("utf-8"))) == {f"{7:064}"}


@pytest.mark.parametrize("name", COMPOSE)
def test_each_container_has_no_privilege_and_nothing_to_write_to(name: str) -> None:
    service = COMPOSE[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert set(service.get("cap_add", [])) <= {"NET_BIND_SERVICE"}
    # The default seccomp profile is in force where none is named.
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.keys() & {"privileged", "pid", "ipc", "network_mode", "userns_mode", "devices"}
    binds = [volume for volume in service.get("volumes", []) if volume.startswith((".", "/"))]
    assert all(bind.endswith(":ro") for bind in binds)


def test_variables_of_compose_have_a_default_that_is_not_empty() -> None:
    """Older versions of podman-compose pass ``${NAME:-}`` on as it is written."""
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    assert len(re.findall(r"\$\{\w+:-[^}]", text)) > 10
    assert re.findall(r"\$\{\w+(?::?-)?\}", text) == []


def test_the_image_runs_as_an_ordinary_user() -> None:
    last = re.split(r"^FROM ", (ROOT / "Dockerfile").read_text("utf-8"), flags=re.M)[-1]
    assert re.findall(r"^USER (.+)$", last, re.M) == ["10001:10001"]
