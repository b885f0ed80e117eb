"""Waiting for something on the page; Playwright's own ``wait_for_function`` is stopped by our security policy."""

from typing import Any

from playwright.sync_api import Page

LOOK = """([argument, limitMs]) => new Promise((resolve, reject) => {
  const condition = CONDITION;
  const giveUp = performance.now() + limitMs;
  const look = async () => {
    let problem = "";
    try {
      if (await condition(argument)) return resolve();
    } catch (error) {
      problem = `; ${error}`;
    }
    if (performance.now() > giveUp) reject(new Error(`never came true: ${condition}${problem}`));
    else setTimeout(look, 20);
  };
  look();
})"""

RESULT = """([argument, limitMs]) => Promise.race([
  (FUNCTION)(argument),
  new Promise((_, reject) => setTimeout(() => reject(new Error('no result in time')), limitMs)),
])"""

LIMIT_MS = 120_000
"""For a hang; nothing here takes a tenth of it."""


def wait_until(page: Page, condition: str, argument: object = None, limit_ms: int = LIMIT_MS) -> None:
    """Return when ``condition``, a JavaScript function (``async`` or not), returns something true for ``argument``.

    What it throws is not true yet: what it looks at may not be there.
    """
    page.evaluate(LOOK.replace("CONDITION", condition), [argument, limit_ms])


def result_of(page: Page, function: str, argument: object = None) -> Any:
    """Return what an ``async`` JavaScript function returns for ``argument``; ``evaluate`` waits for it for ever."""
    return page.evaluate(RESULT.replace("FUNCTION", function), [argument, LIMIT_MS])


def wait_for_tracking(page: Page) -> None:
    """Return when somebody moves the avatar on the Avatar tab."""
    wait_until(page, "() => window.mocast.avatar?.state === 'tracking'")
