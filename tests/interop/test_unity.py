"""examples/unity/MocastRoom.cs, compiled and run by Mono with stand-ins for Unity's classes, against a real server."""

import asyncio
import os
import subprocess
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from mocast.client import MocastClient
from tests.debian import unpacked
from tests.integration.http_server import running
from tests.peers import HANG_S

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [ROOT / "examples/unity/MocastRoom.cs", ROOT / "tests/interop/unity_stubs.cs"]
PACKAGES = (
    *("mono-runtime-sgen", "mono-runtime-common", "mono-mcs", "libmono-corlib4.5-dll", "libmono-corlib4.5-cil"),
    *("libmono-system4.0-cil", "libmono-system-core4.0-cil", "libmono-system-xml4.0-cil", "libmono-security4.0-cil"),
    *("libmono-system-security4.0-cil", "libmono-system-configuration4.0-cil", "libmono-system-numerics4.0-cil"),
    *("libmono-system-runtime-serialization4.0-cil", "libmono-system-servicemodel-internals0.0-cil"),
    *("libmono-i18n4.0-cil", "libmono-i18n-west4.0-cil"),
)
TOKEN = "a-secret-of-the-server"


class Mono:
    """Debian's C# compiler and runtime, unpacked."""

    def __init__(self, folder: Path) -> None:
        self.libraries = folder / "usr/lib/mono/4.5"
        self.runtime = folder / "usr/bin/mono-sgen"
        self.environment = os.environ | {"MONO_PATH": str(self.libraries), "MONO_CFG_DIR": str(folder / "etc")}

    def compile(self, program: Path) -> None:
        command = [self.runtime, self.libraries / "mcs.exe", "-nologo", "-langversion:7", f"-out:{program}"]
        command += ["-warnaserror", "-r:System.Runtime.Serialization.dll", *SOURCES]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def mono() -> Mono:
    folder = unpacked(*PACKAGES)
    if folder is None:
        pytest.skip("Debian's Mono cannot be fetched")
    return Mono(folder)


async def square() -> AsyncIterator[NDArray[np.uint8]]:
    """Stands still, so that every rig is the same after a while."""
    picture = np.zeros((240, 320, 3), np.uint8)
    picture[100:148, 200:248] = 255
    while True:
        yield picture
        await asyncio.sleep(1 / 30)


async def test_the_bones_of_the_avatar_are_turned_as_the_rig_says(mono: Mono, tmp_path: Path) -> None:
    program = tmp_path / "room.exe"
    mono.compile(program)
    with running(auth="token", token=TOKEN) as server:
        address = f"127.0.0.1:{server.port}"
        async with (
            asyncio.timeout(HANG_S),
            MocastClient(f"http://{address}", token=TOKEN) as client,
            client.publish(square(), "studio", tracker="pose"),
            aclosing(client.rigs("studio")) as rigs,
        ):
            async for rig in rigs:
                if rig.frame > 60:
                    break
            process = await asyncio.create_subprocess_exec(
                *(mono.runtime, program, f"ws://{address}", "studio", TOKEN),
                env=mono.environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
            )
            output, errors = await process.communicate()
    assert (process.returncode, errors) == (0, b"")
    turned = [line.split() for line in output.decode().splitlines()]
    assert len(turned) == 20
    for name, *numbers in turned:
        x, y, z, w = rig.rotations[name[0].lower() + name[1:]]
        assert [float(number) for number in numbers] == pytest.approx([x, -y, -z, w], abs=0.01), name
