import { describe, expect, it } from "vitest";
import { qualityLabels } from "../../../src/view/session/qualityLabels";

describe("qualityLabels", () => {
  it("does not call exact and balanced the same where they are not", () => {
    const { exact, balanced } = qualityLabels("openvino");
    expect(balanced.hint).not.toContain("same");
    expect(exact.hint).not.toBe(balanced.hint);
  });

  it("says so where they are", () => {
    expect(qualityLabels("mediapipe").balanced.hint).toContain("the same as exact");
  });

  it("describes openvino while the server has not said which runs", () => {
    expect(qualityLabels(undefined)).toBe(qualityLabels("openvino"));
  });

  it.each(["openvino", "mediapipe"] as const)(
    "gives each quality its own label and hint with %s",
    (engine) => {
      for (const [name, option] of Object.entries(qualityLabels(engine))) {
        expect(option.label.toLowerCase()).toBe(name);
        expect(option.hint).toBeTruthy();
      }
      expect(Object.keys(qualityLabels(engine))).toEqual(["exact", "balanced", "fast"]);
    },
  );
});
