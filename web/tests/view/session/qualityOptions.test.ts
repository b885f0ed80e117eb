import { describe, expect, it } from "vitest";
import { qualityOptions } from "../../../src/view/session/qualityOptions";

describe("qualityOptions", () => {
  it("does not call exact and balanced the same where they are not", () => {
    const { exact, balanced } = qualityOptions("openvino");
    expect(balanced.hint).not.toContain("same");
    expect(exact.hint).not.toBe(balanced.hint);
  });

  it("says so where they are", () => {
    expect(qualityOptions("mediapipe").balanced.hint).toContain("the same as exact");
  });

  it("describes the fast engine while the server has not said which runs", () => {
    expect(qualityOptions(undefined)).toBe(qualityOptions("openvino"));
  });

  it.each(["openvino", "mediapipe"])("gives each quality its own value, label and hint with %s", (engine) => {
    for (const [name, option] of Object.entries(qualityOptions(engine))) {
      expect(option.value).toBe(name);
      expect(option.label.toLowerCase()).toBe(name);
      expect(option.hint).toBeTruthy();
    }
    expect(Object.keys(qualityOptions(engine))).toEqual(["exact", "balanced", "fast"]);
  });
});
