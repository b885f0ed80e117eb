"""Sound in a real browser: a microphone that is off until it is switched on, and who hears it."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import OUT
from tests.e2e.test_live import start
from tests.e2e.waiting import wait_until

ASKED = """
window.asked = [];
const {mediaDevices} = navigator;
const ask = mediaDevices.getUserMedia.bind(mediaDevices);
mediaDevices.getUserMedia = wanted => { window.asked.push(wanted.audio ? 'audio' : 'video'); return ask(wanted); };
"""
"""Notes what the page asks the person for."""

SENT = """async wanted => {
  const report = [...(await window.mocast.connection.getStats()).values()];
  return report.filter(({type, kind}) => type === 'outbound-rtp' && kind === wanted)
    .reduce((sum, {packetsSent}) => sum + packetsSent, 0);
}"""

SILENT = f"""async () => {{
  const [sound, picture] = [await ({SENT})('audio'), await ({SENT})('video')];
  if (window.before?.sound !== sound) window.before = {{sound, picture}};
  return picture > window.before.picture + 20;
}}"""
"""Whether no packet of sound has gone among 20 of the picture."""

HEARD = """async () => {
  const report = [...((await window.mocastAvatar.peer?.getStats())?.values() ?? [])];
  const sound = report.find(({type, kind}) => type === 'inbound-rtp' && kind === 'audio');
  return (sound?.totalAudioEnergy ?? 0) > 0;
}"""


def microphone(page: Page, *, on: bool) -> None:
    page.get_by_role("switch", name="Microphone").first.set_checked(on, force=True)


def test_a_microphone_is_off_until_it_is_switched_on_and_then_viewers_hear_it(page: Page) -> None:
    page.context.grant_permissions(["camera", "microphone"])
    page.add_init_script(ASKED)
    start(page, "?room=sound")
    assert page.evaluate("window.asked") == ["video"]
    assert page.evaluate(SENT, "audio") == 0
    viewer = page.context.new_page()
    viewer.goto("/avatar.html?room=sound")
    wait_until(viewer, "() => window.mocastAvatar.connection === 'live'")
    button = viewer.locator("#sound")
    assert not button.is_visible(), "there is nothing to hear"

    microphone(page, on=True)
    wait_until(page, f"async () => await ({SENT})('audio') > 20")
    assert page.evaluate("window.asked") == ["video", "audio"]
    button.wait_for()
    OUT.mkdir(exist_ok=True)
    page.screenshot(path=OUT / "microphone.png")
    viewer.screenshot(path=OUT / "sound.png")
    assert button.text_content() == "Turn the sound on"
    button.click()
    wait_until(viewer, "() => document.querySelector('#sound').textContent === 'Mute'")
    wait_until(viewer, HEARD)

    microphone(page, on=False)
    wait_until(page, "() => window.mocast.statistics.audio_packets_in > 20")
    wait_until(page, SILENT)

    sent = page.evaluate(SENT, "audio")
    microphone(page, on=True)
    wait_until(page, f"async () => await ({SENT})('audio') > {sent + 10}")
    page.get_by_role("button", name="Stop", exact=True).click()
    switch = page.get_by_role("switch", name="Microphone").first
    expect(switch).to_be_disabled()
    expect(switch).not_to_be_checked()  # it is let go of with the session
    viewer.close()
