"""What a browser fetches until the page is up."""

from playwright.sync_api import Page

LIMIT_BYTES = 60_000

FETCHED = """() => ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
  .map(({name, encodedBodySize}) => [new URL(name).pathname, encodedBodySize])"""


def test_the_page_is_up_with_few_bytes_and_without_the_code_for_3d(page: Page) -> None:
    page.goto("/", wait_until="networkidle")
    page.get_by_role("button", name="Start", exact=True).wait_for()
    fetched = page.evaluate(FETCHED)
    names = [name for name, _ in fetched]
    assert any("/assets/index-" in name for name in names)
    assert not [name for name in names if "Scene" in name or "OrbitCamera" in name or "AvatarView" in name]
    assert sum(size for _, size in fetched) < LIMIT_BYTES, fetched
