import type { Settings } from "mocast-client";
import { expect, test } from "vitest";
import { SettingsSender } from "../../src/state/SettingsSender";

test("changes made while one is on its way are sent together, and the last value wins", async () => {
  const sent: Settings[] = [];
  const answers: (() => void)[] = [];
  const sender = new SettingsSender((settings) => {
    sent.push(settings);
    return new Promise<void>((resolve) => answers.push(resolve));
  });
  const answer = async () => {
    answers.shift()!();
    await new Promise((resolve) => setTimeout(resolve));
  };

  sender.change({ opacity: 0.9 });
  sender.change({ opacity: 0.5 });
  sender.change({ opacity: 0.1, hud: true });
  await answer();
  expect(sent).toEqual([{ opacity: 0.9 }, { opacity: 0.1, hud: true }]);
  expect(sender.isBusy).toBe(true);
  await answer();
  expect(sender.isBusy).toBe(false);
});
