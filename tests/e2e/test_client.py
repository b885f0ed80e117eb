"""The built client in a page of another origin, without a bundler: what it publishes, and what others read of it."""

from playwright.sync_api import Browser, Page

from tests.e2e.browser import new_tab
from tests.e2e.other_origin import other_origin
from tests.e2e.server import Server
from tests.e2e.waiting import wait_until

PAGE = """<!doctype html><title>client</title><video autoplay muted></video><script type="module">
import { publish, subscribe } from "SERVER/client/mocast-client.js";
const camera = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
const session = publish("SERVER", "client", camera, { tracker: "pose" });
const viewer = subscribe("SERVER", "client", { video: true });
const reader = subscribe("SERVER", "client", { transport: "websocket" });
const taken = publish("SERVER", "no room", camera);
window.seen = { session: 0, viewer: 0, reader: 0, states: [], rooms: [], error: null };
session.on("video", (stream) => { document.querySelector("video").srcObject = stream; });
session.on("state", ({ is }) => { seen.states.push(is); });
session.on("settings", (settings) => { seen.settings = settings; });
session.on("statistics", (statistics) => { seen.statistics = statistics; });
viewer.on("video", (stream) => { seen.stream = stream; });
viewer.on("room", ({ publisher }) => { seen.rooms.push(publisher?.state ?? null); });
taken.connected().catch((error) => { seen.error = [error.name, error.kind, error.problem.status]; });
async function count(name, frames) {
  for await (const frame of frames) {
    seen[name] += 1;
    seen[`${name}Frame`] = frame;
    console.log(name, frame.pts);
  }
  seen[name] = "ended";
}
for (const [name, frames] of [["session", session.landmarks()], ["viewer", viewer.rigs()], ["reader", reader.rigs()]])
  void count(name, frames);
Object.assign(window, { session, viewer, reader });
</script>"""


def flows(page: Page) -> None:
    """Wait until each of the three has more frames than it had."""
    before = page.evaluate("() => [seen.session, seen.viewer, seen.reader]")
    wait_until(page, "before => [seen.session, seen.viewer, seen.reader].every((n, i) => n > before[i] + 3)", before)


def test_the_built_client_publishes_follows_and_connects_again(browser: Browser, open_server: Server) -> None:
    logged: list[str] = []
    with other_origin(PAGE.replace("SERVER", open_server.url)) as origin, new_tab(browser) as page:
        page.on("console", lambda message: logged.append(message.text))
        page.goto(origin)

        wait_until(page, "() => seen.viewerFrame && seen.readerFrame && seen.sessionFrame.pose && seen.statistics")
        flows(page)
        assert any(line.startswith("session ") for line in logged)
        wait_until(page, "() => document.querySelector('video').videoWidth === 640 && seen.stream.active")
        wait_until(page, "() => seen.rooms.at(-1) === 'live' && seen.error")
        told = page.evaluate("() => [seen.settings.tracker, seen.viewerFrame.rotations.length, seen.error]")
        assert told == ["pose", 220, ["MocastError", "refused", 400]]

        page.evaluate("() => session.change({ hud: true, overlay: ['classic'] })")
        first = page.evaluate("() => session.id")
        page.evaluate("url => fetch(url, { method: 'DELETE' })", f"{open_server.url}/v1/sessions/{first}")
        wait_until(page, "first => session.state.is === 'live' && session.id !== first", first)
        flows(page)
        wait_until(page, "() => seen.settings.hud")
        changed = page.evaluate("() => [seen.settings.tracker, seen.settings.hud, seen.settings.overlay.join()]")
        assert changed == ["pose", True, "classic"]
        assert page.evaluate("() => seen.states") == ["live", "waiting", "connecting", "live"]

        page.evaluate("() => { for (const one of [session, viewer, reader]) one.close(); }")
        wait_until(page, "() => ['session', 'viewer', 'reader'].every((name) => seen[name] === 'ended')")
