import { expect, test } from "vitest";
import { Failure } from "../../../src/Failure";
import { failureText } from "../../../src/view/text/failureText";

test("what the server said is the advice, as a sentence", () => {
  expect(failureText(new Failure("refused", "the offer has no video")).advice).toBe(
    "The offer has no video.",
  );
});

test("the browser's own message is not", () => {
  expect(failureText(new Failure("permission-refused", "NotAllowedError: denied")).advice).not.toContain(
    "denied",
  );
});

test("an insecure page says both ways out", () => {
  const { advice } = failureText(new Failure("insecure-page"));
  expect(advice).toContain("HTTPS");
  expect(advice).toContain("localhost");
});
