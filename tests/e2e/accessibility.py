"""What axe-core finds on a page: https://github.com/dequelabs/axe-core."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

AXE = Path(__file__).resolve().parents[2] / "web" / "node_modules" / "axe-core" / "axe.min.js"

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")

FIND = """async rules => (await axe.run(document, {runOnly: {type: 'tag', values: rules}})).violations.map(
  ({id, help, nodes}) => ({id, help, where: nodes.map(({target}) => target.join(' '))}))"""


def violations(page: Page) -> list[dict[str, Any]]:
    """Return the rules of WCAG 2.2, levels A and AA, and of good practice that what is shown now breaks, with where."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(FIND, RULES)
    return found
