"""The avatar in a browser that draws in software: ``python -m bench.avatar_page [--clip FILE] [--seconds 60]``.

Pictures a second in each framing, and what the page's memory gains in a minute. It gets the rigs of a clip at 30 a
second, with nothing else at work. Needs Chromium.
"""

import base64
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright
from tests.e2e.browser import find_chromium, launch

from bench import processes
from bench.report import Figure, parser, save, table
from bench.rig import tracked_frames
from mocast.model.options import RigOptions
from mocast.rigging.solver import Solver
from mocast.wire import rig_binary

FRAMINGS = ("bust", "face", "full")
SIZE_WH = (1280, 720)
RIGS = 300
FPS_S = 10.0
SETTLE_MS = 5_000
"""Until the avatar is loaded, its programs are compiled and it follows."""

SEND = """messages => {
  const rigs = messages.map((text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)));
  const view = new DataView(new ArrayBuffer(rigs[0].length));
  const bytes = new Uint8Array(view.buffer);
  let sent = 0;
  setInterval(() => {
    const place = sent % (2 * rigs.length - 2);
    bytes.set(rigs[place < rigs.length ? place : 2 * rigs.length - 2 - place]);
    view.setUint32(4, sent, true);
    view.setUint32(8, sent * 3000, true);
    window.mocastAvatar.push(view.buffer);
    sent += 1;
  }, 1000 / 30);
}"""
"""Send the clip's rigs there and back, with numbers and times that go on."""

COUNT = """seconds => new Promise((done) => {
  const began = performance.now();
  let pictures = 0;
  const count = () => {
    const elapsed = (performance.now() - began) / 1000;
    if (elapsed >= seconds) done(pictures / elapsed);
    else requestAnimationFrame(count);
    pictures += 1;
  };
  requestAnimationFrame(count);
})"""


def main() -> None:
    """Measure and save."""
    arguments = parser(__doc__, seconds=60).parse_args()
    solver = Solver(RigOptions())
    messages = [
        base64.b64encode(rig_binary.encode(solver.rig(tracked))).decode()
        for tracked in tracked_frames(arguments.clip, RIGS)
    ]
    with (
        processes.mocast_server(arguments.out / "mocast.log", "--warm", "pose") as server,
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
    ):
        browser = launch(playwright.chromium, find_chromium(), Path(folder) / "no-camera.y4m")
        rates = {framing: rate(browser, server.url, framing, messages) for framing in FRAMINGS}
        grown_mb = growth_mb(browser, server.url, messages, arguments.seconds)
        browser.close()
    figures = [
        Figure(f"avatar page, {framing}, drawn in software", fps, "pictures/s", at_least=30)
        for framing, fps in rates.items()
    ]
    figures.append(Figure("avatar page, memory gained in a minute", grown_mb, "MB", at_most=1))
    text = table(["framing", "pictures/s"], [[framing, f"{fps:.1f}"] for framing, fps in rates.items()])
    text += f"\n\nThe page's JavaScript memory grew by {grown_mb:.2f} MB a minute, garbage collected before and after."
    save(arguments.out, "avatar_page", figures, text, {"fps": rates, "grown_mb": grown_mb})


def followed(browser: Browser, url: str, framing: str, messages: list[str]) -> Page:
    """Return a page whose avatar follows the rigs."""
    page = browser.new_page(viewport={"width": SIZE_WH[0], "height": SIZE_WH[1]})
    page.goto(f"{url}/avatar.html?framing={framing}")
    page.evaluate(SEND, messages)
    page.wait_for_timeout(SETTLE_MS)
    if page.evaluate("window.mocastAvatar.state") != "tracking":
        raise RuntimeError("the avatar does not follow")
    return page


def rate(browser: Browser, url: str, framing: str, messages: list[str]) -> float:
    """Return the pictures a second."""
    page = followed(browser, url, framing, messages)
    fps = float(page.evaluate(COUNT, FPS_S))
    page.close()
    return fps


def growth_mb(browser: Browser, url: str, messages: list[str], seconds: float) -> float:
    """Return by how much the page's JavaScript memory grows in a minute."""
    page = followed(browser, url, "bust", messages)
    devtools = page.context.new_cdp_session(page)
    before = used_mb(devtools)
    page.wait_for_timeout(seconds * 1000)
    grown = (used_mb(devtools) - before) * 60 / seconds
    page.close()
    return grown


def used_mb(devtools: CDPSession) -> float:
    """Return the memory of what is still in use."""
    devtools.send("HeapProfiler.collectGarbage")
    usage: dict[str, Any] = devtools.send("Runtime.getHeapUsage")
    return float(usage["usedSize"]) / 1e6


if __name__ == "__main__":
    main()
