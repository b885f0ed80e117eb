import { describe, expect, it } from "vitest";
import { qualitiesOf } from "../../src/view/qualities";

describe("qualitiesOf", () => {
  it("does not call exact and balanced the same where they are not", () => {
    const { exact, balanced } = qualitiesOf("openvino");
    expect(balanced.hint).not.toContain("same");
    expect(exact.hint).not.toBe(balanced.hint);
  });

  it("says so where they are", () => {
    expect(qualitiesOf("mediapipe").balanced.hint).toContain("the same as exact");
  });

  it("describes the fast engine while the server has not said which runs", () => {
    expect(qualitiesOf(undefined)).toBe(qualitiesOf("openvino"));
  });

  it.each(["openvino", "mediapipe"])("gives each quality its own value, label and hint with %s", (engine) => {
    for (const [name, option] of Object.entries(qualitiesOf(engine))) {
      expect(option.value).toBe(name);
      expect(option.label.toLowerCase()).toBe(name);
      expect(option.hint).toBeTruthy();
    }
    expect(Object.keys(qualitiesOf(engine))).toEqual(["exact", "balanced", "fast"]);
  });
});
