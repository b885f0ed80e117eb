"""Find a Chromium or Chrome, or a Firefox, and start Chromium with a camera that plays a file."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, ViewportSize

from tests.e2e.waiting import LIMIT_MS
from tests.pictures import real_frames


@dataclass(frozen=True, slots=True)
class _Kind:
    """A browser that tests need."""

    name: str
    programs: tuple[str, ...]
    "On the path, most tested first."
    places: tuple[str, ...]
    "Where macOS keeps what is not on the path."
    package: str
    "Debian's."
    variable: str
    "Of the environment: the path of one that is elsewhere."


CHROMIUM = _Kind(
    "Chromium or Chrome",
    ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ),
    "chromium",
    "CHROMIUM",
)

FIREFOX = _Kind(
    "Firefox",
    ("firefox-esr", "firefox"),
    ("/Applications/Firefox.app/Contents/MacOS/firefox",),
    "firefox-esr",
    "FIREFOX",
)

ARGUMENTS = (
    "--disable-gpu",
    "--use-angle=swiftshader",  # WebGL in software: a test machine has no GPU
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
)


class NoBrowserError(RuntimeError):
    """There is no such browser here and none could be installed; the message holds the command to run."""


def find_chromium() -> str:
    """Return the browser's path: ``CHROMIUM``, else one that is installed, else Debian's, installed now by root."""
    return _find(CHROMIUM)


def find_firefox() -> str:
    """Return the browser's path, as ``find_chromium`` does: ``FIREFOX`` names one that is elsewhere."""
    return _find(FIREFOX)


def _find(kind: _Kind) -> str:
    return os.environ.get(kind.variable) or _installed(kind) or _install(kind)


def _installed(kind: _Kind) -> str | None:
    found = (path for program in kind.programs if (path := shutil.which(program)))
    return next(found, None) or next((place for place in kind.places if Path(place).is_file()), None)


def _install(kind: _Kind) -> str:
    needs = f"The browser tests need {kind.name}"
    if shutil.which("apt-get") is None:
        raise NoBrowserError(f"{needs}: install one, or name it in {kind.variable}=/path.")
    if os.geteuid() != 0:
        raise NoBrowserError(f"{needs}: run 'sudo apt-get install {kind.package}'.")
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (
        ["apt-get", "update", "-q"],
        ["apt-get", "install", "-qy", "--no-install-recommends", kind.package],
    ):
        done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        if done.returncode:
            said = done.stdout.decode(errors="replace")[-2000:]
            raise NoBrowserError(
                f"Install one, or name it in {kind.variable}=/path: '{' '.join(command)}' failed.\n{said}"
            )
    path = _installed(kind)
    if path is None:
        raise NoBrowserError(f"apt-get installed no {kind.name} here: name one in {kind.variable}=/path.")
    return path


def write_camera(path: Path, seconds: float = 3, size_wh: tuple[int, int] = (640, 480), fps: int = 30) -> None:
    """Write what Chromium's fake camera plays in a loop: uncompressed Y4M, 14 MB a second at 640x480."""
    with av.open(str(path), "w", format="yuv4mpegpipe") as container:
        stream = container.add_stream("wrapped_avframe", rate=fps)
        stream.width, stream.height = size_wh
        stream.pix_fmt = "yuv420p"
        for rgb in real_frames(round(seconds * fps), size_wh):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")))
        container.mux(stream.encode())


VIEWPORT: ViewportSize = {"width": 800, "height": 600}
"""Of all pages: less than half of Playwright's own, as each pixel of an avatar is drawn by the processor."""

DISPLAY_OF_20_HZ = """(() => {
  const next = requestAnimationFrame.bind(window);
  const cancel = cancelAnimationFrame.bind(window);
  const steps = new Map();
  let last = 0;
  window.requestAnimationFrame = callback => {
    const handle = ++last;
    const draw = now => { steps.delete(handle); callback(now); };
    const timer = setTimeout(() => {
      const frame = next(draw);
      steps.set(handle, () => cancel(frame));
    }, 45);
    steps.set(handle, () => clearTimeout(timer));
    return handle;
  };
  window.cancelAnimationFrame = handle => { steps.get(handle)?.(); steps.delete(handle); };
})()"""
"""Script of all pages: at 60 Hz an avatar takes the processor from the server, its camera and other tests."""


def launch(chromium: BrowserType, executable: str, camera: Path, *more: str) -> Browser:
    """Start the browser without a window; its camera plays ``camera`` and is allowed without asking."""
    arguments = [*ARGUMENTS, f"--use-file-for-fake-video-capture={camera}", *more]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium refuses to start as root with its sandbox
    return chromium.launch(executable_path=executable, args=arguments)


def new_context(browser: Browser, **options: Any) -> BrowserContext:
    """A context of a browser that may use the camera; each step in it may take as long as anything may."""
    context = browser.new_context(**{"permissions": ["camera"], "viewport": VIEWPORT, **options})
    context.set_default_timeout(LIMIT_MS)
    context.add_init_script(DISPLAY_OF_20_HZ)
    return context


@contextmanager
def new_tab(browser: Browser, **options: Any) -> Iterator[Page]:
    """An empty tab in a context of its own; an exception that nothing on the page caught is an error."""
    context = new_context(browser, **options)
    page = context.new_page()
    uncaught: list[str] = []
    page.on("pageerror", lambda error: uncaught.append(str(error)))
    try:
        yield page
    finally:
        context.close()  # or its camera would go on beside the next test
    assert not uncaught
