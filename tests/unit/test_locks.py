"""What the locks install where."""

import re
from pathlib import Path

import pytest
from packaging.markers import Marker, default_environment

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def installed(lock: str, sys_platform: str, machine: str, python: str = "3.11") -> dict[str, str]:
    """Package → version, on a machine of that kind."""
    environment = default_environment() | {"sys_platform": sys_platform, "platform_machine": machine}
    environment |= {"python_version": python, "python_full_version": f"{python}.0"}
    found = re.findall(r"^([\w.-]+)==(\S+?)(?: ; (.+?))? \\$", (ROOT / lock).read_text(), re.M)
    return {name: version for name, version, marker in found if not marker or Marker(marker).evaluate(environment)}


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize(
    ("sys_platform", "machine", "mediapipe", "openvino"),
    [
        ("linux", "x86_64", "0.10.21", "2026.4.1"),
        ("linux", "aarch64", "0.10.18", "2026.4.1"),
        ("darwin", "arm64", "0.10.21", "2026.4.1"),
        ("darwin", "x86_64", "0.10.21", None),
    ],
)
def test_each_machine_has_the_engines_that_there_are_for_it(
    lock: str, sys_platform: str, machine: str, mediapipe: str, openvino: str | None
) -> None:
    packages = installed(lock, sys_platform, machine)
    assert (packages["mediapipe"], packages.get("openvino")) == (mediapipe, openvino)


def test_python_3_13_has_the_engine_that_needs_no_mediapipe() -> None:
    packages = installed("requirements.lock", "linux", "x86_64", "3.13")
    assert "openvino" in packages
    assert not packages.keys() & {"mediapipe", "protobuf", "matplotlib"}


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("sys_platform", ["linux", "darwin", "win32"])
def test_nothing_is_installed_that_sends_usage_data(lock: str, sys_platform: str) -> None:
    packages = installed(lock, sys_platform, "x86_64")
    assert len(packages) > 40
    assert "openvino-telemetry" not in packages


@pytest.mark.parametrize(
    "lock",
    [
        *LOCKS,
        "requirements-networks.lock",
        "requirements-mediapipe.lock",
        "requirements-uv.lock",
        "requirements-audit.lock",
        "requirements-quantise.lock",
        "requirements-kubernetes.lock",
    ],
)
def test_no_lock_names_a_host(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text()
    assert not re.search(r"^\s*--(?!hash=sha256:)", (ROOT / lock).read_text(), re.M)
