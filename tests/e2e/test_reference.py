"""The reference page of the HTTP API: offline, under the page's Content-Security-Policy."""

import re

import yaml
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ROOT
from tests.e2e.prefix_proxy import prefix_proxy
from tests.e2e.server import Server


def test_every_call_is_in_the_reference_that_the_page_links_to(page: Page, server: Server) -> None:
    written = (ROOT / "docs" / "openapi.yaml").read_text("utf-8")
    asked: list[str] = []
    complaints: list[str] = []
    page.goto("/")
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.get_by_role("link", name="HTTP API").click()
    expect(page.get_by_role("heading", name="HTTP API, version 1")).to_be_visible()
    for operation in re.findall(r"operationId: (\w+)", written):
        expect(page.locator(f"article#{operation}")).to_have_count(1)
    schemas = yaml.safe_load(written)["components"]["schemas"]
    expect(page.locator("article[id^=schema-]")).to_have_count(len(schemas))
    page.locator("#publish").get_by_role("link", name="Tracker").click()
    expect(page.locator("#schema-Tracker")).to_be_in_viewport()
    assert all(url.startswith(server.url) for url in asked), asked
    assert [text for text in complaints if "Content Security Policy" in text] == []


def test_the_served_description_is_the_one_in_the_docs(page: Page) -> None:
    written = (ROOT / "docs" / "openapi.yaml").read_text("utf-8")
    assert page.request.get("/openapi.yaml").text() == written, "the page was built before: run make setup"
    assert page.request.get("/openapi.json").json() == yaml.safe_load(written)


def test_the_reference_works_below_a_path_of_a_proxy(page: Page, server: Server) -> None:
    with prefix_proxy(server.url, "/motion") as address:
        page.goto(f"{address}docs#publish")
        expect(page.locator("#publish")).to_be_in_viewport()
