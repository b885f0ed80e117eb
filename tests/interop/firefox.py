"""Firefox as it is installed, without a window, driven by WebDriver BiDi, which it speaks itself.

https://www.w3.org/TR/webdriver-bidi/; Playwright drives a Firefox of its own alone.
"""

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp

HANG_S = 120
LISTENING = b"WebDriver BiDi listening on "

PREFERENCES = {
    "media.autoplay.default": 0,  # a video may play without a click, of which a script has none
    "media.navigator.permission.disabled": True,  # the camera is given without asking,
    "media.navigator.streams.fake": True,  # and is a pattern that moves
    "network.proxy.type": 0,
}


class Firefox:
    """One Firefox with one tab."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.errors: list[str] = []
        "What pages threw and did not catch."
        self._socket = socket
        self._numbers = itertools.count()
        self._tab = ""

    async def begin(self) -> str:
        """Open the tab; return the browser's version."""
        session = await self.command("session.new", capabilities={})
        await self.command("session.subscribe", events=["log.entryAdded"])
        self._tab = (await self.command("browsingContext.getTree"))["contexts"][0]["context"]
        return str(session["capabilities"]["browserVersion"])

    async def command(self, method: str, **params: object) -> dict[str, Any]:
        """Return a command's result. Raises ``AssertionError`` where it failed."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while True:
            said = await self._socket.receive_json(timeout=HANG_S)
            if said.get("method") == "log.entryAdded" and said["params"]["type"] == "javascript":
                self.errors.append(said["params"]["text"])
            if said.get("id") == number:
                assert said["type"] == "success", said
                result: dict[str, Any] = said["result"]
                return result

    async def open(self, url: str) -> None:
        """Open a page in the tab, and return when it is loaded."""
        await self.command("browsingContext.navigate", context=self._tab, url=url, wait="complete")

    async def evaluate(self, expression: str) -> dict[str, Any]:
        """Return what a JavaScript expression, or its promise, is, as the protocol writes it."""
        target = {"context": self._tab}
        said = await self.command("script.evaluate", expression=expression, target=target, awaitPromise=True)
        assert said["type"] == "success", said["exceptionDetails"]["text"]
        result: dict[str, Any] = said["result"]
        return result

    async def value(self, expression: str) -> Any:
        """Return a number, a string, a boolean or ``None``."""
        return (await self.evaluate(expression)).get("value")

    async def wait_until(self, condition: str) -> None:
        """Return when a JavaScript expression is true."""
        looks = f"(async () => {{ while (!({condition})) await new Promise(next => setTimeout(next, 20)); }})()"
        await self.evaluate(looks)

    async def choose_file(self, selector: str, file: Path) -> None:
        """Have an ``<input type=file>`` hold a file."""
        element = await self.evaluate(f"document.querySelector({selector!r})")
        shared = {"sharedId": element["sharedId"]}
        await self.command("input.setFiles", context=self._tab, element=shared, files=[str(file)])


@contextlib.asynccontextmanager
async def firefox(program: str, profile: Path) -> AsyncIterator[Firefox]:
    """Run a Firefox with a new profile in an empty folder."""
    lines = (f'user_pref("{name}", {str(value).lower()});\n' for name, value in PREFERENCES.items())
    (profile / "user.js").write_text("".join(lines))
    command = (program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0")
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(HANG_S):
            while LISTENING not in (line := await process.stderr.readline()):
                assert line, "Firefox ended by itself"
        reading = asyncio.create_task(process.stderr.read())  # else it would wait for a reader
        url = line.partition(LISTENING)[2].decode().strip()
        async with aiohttp.ClientSession() as http, http.ws_connect(f"{url}/session", max_msg_size=0) as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        await process.wait()
    await reading
