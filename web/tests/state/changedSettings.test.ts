import { expect, test } from "vitest";
import { changedSettings } from "../../src/state/changedSettings";
import { defaultSettings } from "../../src/state/defaultSettings";

test("only what differs is in it, an emptied overlay too", () => {
  const after = { ...defaultSettings, overlay: [], opacity: 0.5 };
  expect(changedSettings(defaultSettings, after)).toEqual({ overlay: [], opacity: 0.5 });
});

test("the same overlays in another array are no change", () => {
  const after = { ...defaultSettings, overlay: [...defaultSettings.overlay] };
  expect(changedSettings(defaultSettings, after)).toEqual({});
});
