import { expect, test } from "vitest";
import { settingsQuery } from "../../src/api/settingsQuery";

test("lists are joined, and an empty one is sent", () => {
  expect(`${settingsQuery({ overlay: ["limbs", "mesh"], mirror: true, opacity: 0.5 })}`).toBe(
    "overlay=limbs%2Cmesh&mirror=true&opacity=0.5",
  );
  expect(`${settingsQuery({ overlay: [] })}`).toBe("overlay=");
});

test("settings that are not given are left to the server", () => {
  expect(`${settingsQuery({ tracker: undefined })}`).toBe("");
});
