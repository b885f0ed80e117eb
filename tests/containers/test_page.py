"""A browser on the host, whose media must go through the TURN server: what Docker Desktop, VPNs and NAT leave open."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.containers.conftest import Deployment, own_address
from tests.e2e.browser import launch
from tests.e2e.test_live import next_picture, start

SELECTED_PAIR = """async () => {
  const stats = [...(await window.mocast.connection.getStats()).values()];
  const transport = stats.find(({type}) => type === 'transport');
  const pair = stats.find(({id}) => id === transport.selectedCandidatePairId);
  const local = stats.find(({id}) => id === pair.localCandidateId);
  return {type: local.candidateType, url: local.url, relayProtocol: local.relayProtocol, state: pair.state};
}"""


@pytest.fixture(scope="module", params=["localhost", "the network"])
def page(
    request: pytest.FixtureRequest, chromium_path: str, camera_file: Path, deployment: Deployment
) -> Iterator[Page]:
    """A tab at the page, by the host's name and by its address in the network."""
    host = "localhost" if request.param == "localhost" else own_address()
    trusted = f"--unsafely-treat-insecure-origin-as-secure={deployment.url(host)}"  # else: no camera but on localhost
    with sync_playwright() as playwright:
        browser: Browser = launch(playwright.chromium, chromium_path, camera_file, trusted)
        yield browser.new_page(base_url=deployment.url(host), permissions=["camera"])
        browser.close()


def test_pictures_and_landmarks_come_back_through_turn_alone(page: Page, deployment: Deployment) -> None:
    start(page, "?relay=1")
    pair: dict[str, Any] = page.evaluate(SELECTED_PAIR)
    assert pair["type"] == "relay"
    assert pair["state"] == "succeeded"
    assert f":{deployment.turn_port}" in pair["url"]
    first = next_picture(page)
    assert first.rgb.max() > 60
    assert first.pts == first.rtp_timestamp
    moved = (np.abs(next_picture(page).pose_px - first.pose_px).max() > 0 for _ in range(30))
    assert any(moved)
