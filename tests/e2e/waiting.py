"""Waiting for something on the page; Playwright's own ``wait_for_function`` is stopped by our security policy."""

from playwright.sync_api import Page

LOOK = """([argument, limitMs]) => new Promise((resolve, reject) => {
  const condition = CONDITION;
  const giveUp = performance.now() + limitMs;
  const look = async () => {
    if (await condition(argument)) resolve();
    else if (performance.now() > giveUp) reject(new Error(`never came true: ${condition}`));
    else setTimeout(() => look().catch(reject), 20);
  };
  look().catch(reject);
})"""

LIMIT_MS = 120_000
"""For a hang; nothing here takes a tenth of it."""


def wait_until(page: Page, condition: str, argument: object = None, limit_ms: int = LIMIT_MS) -> None:
    """Return when ``condition``, a JavaScript function (``async`` or not), returns something true for ``argument``."""
    page.evaluate(LOOK.replace("CONDITION", condition), [argument, limit_ms])


def wait_for_tracking(page: Page) -> None:
    """Return when somebody moves the avatar on the Avatar tab."""
    wait_until(page, "() => window.mocast.avatar?.state === 'tracking'")
