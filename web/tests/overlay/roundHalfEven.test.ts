import { expect, it } from "vitest";
import { roundHalfEven } from "../../src/overlay/roundHalfEven";

it("rounds as Python does, of two to the even one", () => {
  expect([0.4, 0.5, 1.5, 2.5, 2.6, 3.5].map(roundHalfEven)).toEqual([0, 0, 2, 2, 3, 4]);
});
