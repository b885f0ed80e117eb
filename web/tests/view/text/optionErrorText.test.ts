import { expect, test } from "vitest";
import { Failure } from "../../../src/Failure";
import { failureText } from "../../../src/view/text/failureText";
import { optionErrorText } from "../../../src/view/text/optionErrorText";

test.each([
  [{ parameter: "line_width" }, "Line width: Too large."],
  [{ pointer: "#/opacity" }, "Opacity: Too large."],
  [{ pointer: "#/settings/overlay/1" }, "Overlay 2: Too large."],
  [{ pointer: "#/outputs/0/port" }, "Output 1, port: Too large."],
  [{ pointer: "#" }, "Too large."],
  [{}, "Too large."],
])("%o is called by its name", (place, text) => {
  expect(optionErrorText({ detail: "too large", ...place })).toBe(text);
});

test("a refusal names each option that is wrong", () => {
  const errors = ["opacity", "confidence"].map((parameter) => ({ detail: "Too large.", parameter }));
  expect(failureText(new Failure("refused", "the first of 2 errors", 0, errors)).advice).toBe(
    "Opacity: Too large. Confidence: Too large.",
  );
});
