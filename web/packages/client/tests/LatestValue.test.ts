import { expect, test } from "vitest";
import { LatestValue } from "../src/LatestValue";

test("whoever waits gets the next value, whoever is slow the newest, and the end comes after it", async () => {
  const latest = new LatestValue<number>();
  const values = latest.values();
  const first = values.next();
  latest.put(1);
  expect(await first).toEqual({ done: false, value: 1 });
  latest.put(2);
  latest.put(3);
  latest.finish(null);
  expect(await values.next()).toEqual({ done: false, value: 3 });
  expect(await values.next()).toEqual({ done: true, value: undefined });
});

test("an end with an error throws it, also at who waits", async () => {
  const latest = new LatestValue<number>();
  const next = latest.values().next();
  latest.finish(new Error("mine"));
  await expect(next).rejects.toThrow("mine");
});
