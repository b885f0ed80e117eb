"""The Analysis tab in a real browser: numbers while it is shown, gestures of one's own, the keyboard in the air."""

import json
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.e2e.waiting import wait_until

GESTURES_OF_SESSION = """async name => {
  const answer = await fetch(`/v1/sessions/${window.mocast.sessionId}/gestures`);
  return answer.ok && (await answer.json()).gestures.some(gesture => gesture.name === name);
}"""

LOADED = "() => performance.getEntriesByType('resource').map(({name}) => name)"


def test_the_motion_is_analysed_only_while_the_page_is_shown(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    page.get_by_role("button", name="Start", exact=True).click()
    wait_until(page, "() => window.mocast.statistics?.landmarks_sent > 0")
    assert not [name for name in page.evaluate(LOADED) if "AnalysisPage" in name]
    assert page.evaluate("window.mocast.statistics.analyses_sent") == 0

    page.get_by_role("tab", name="Analysis").click()
    wait_until(page, "() => window.mocast.analysis?.head != null && window.mocast.analysis.angles != null")
    page.locator(".angles td", has_text="°").first.wait_for()
    page.get_by_role("checkbox", name="Squat").check(force=True)
    wait_until(page, "() => window.mocast.analysis.repetitions[0]?.exercise === 'squat'")
    # There before the first repetition, so that its advice is told to screen readers, too.
    page.get_by_role("article", name="Squat").locator("div[role=status]").wait_for(state="attached")

    gestures = tmp_path / "gestures.json"
    gesture = {"name": "spock", "features": [0.1] * 26, "radius": 0.2, "hand": "any", "oriented": False}
    gestures.write_text(json.dumps({"type": "mocast-gestures", "version": 1, "gestures": [gesture]}))
    page.get_by_label("File of gestures").set_input_files(gestures)
    wait_until(page, GESTURES_OF_SESSION, "spock")

    page.get_by_role("switch", name="Type in the air").check(force=True)
    for key in ("h", "i"):
        page.get_by_role("button", name=key, exact=True).click()
    expect(page.get_by_label("What you typed")).to_have_text("hi")

    page.get_by_role("tab", name="Live").click()
    wait_until(page, "() => window.mocast.analysis === null")
    wait_until(
        page,
        """() => {
          const now = window.mocast.statistics.analyses_sent;
          const same = now > 0 && window.before?.sent === now && window.before.statistics !== window.mocast.statistics;
          window.before = {sent: now, statistics: window.mocast.statistics};
          return same;
        }""",
    )
    assert page.evaluate("window.mocast.analysis") is None
    page.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Start", exact=True).first.click()
    wait_until(page, "() => window.mocast.state === 'live'")
    wait_until(page, GESTURES_OF_SESSION, "spock")
