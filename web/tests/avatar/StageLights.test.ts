import { Mesh, MeshBasicMaterial } from "three";
import { expect, test } from "vitest";
import { StageLights } from "../../src/avatar/StageLights";

test("rim light comes from behind, key light from one side, and dark is the darkest", () => {
  const lights = new StageLights();
  const lit = () => lights.lamps.filter(({ intensity }) => intensity > 0);
  lights.set({ preset: "rim", colour: "#ffffff" });
  const [strongest] = [...lit()].sort((a, b) => b.intensity - a.intensity);
  expect(strongest.position.z).toBeLessThan(0);
  lights.set({ preset: "key", colour: "#ffffff" });
  expect(lit()[0].position.x).toBeGreaterThan(lit()[0].position.z);
  lights.set({ preset: "dark", colour: "#ffffff" });
  const dark = lights.around.intensity + lit().reduce((sum, { intensity }) => sum + intensity, 0);
  lights.set({ preset: "soft", colour: "#ffffff" });
  const soft = lights.around.intensity + lit().reduce((sum, { intensity }) => sum + intensity, 0);
  expect(dark).toBeLessThan(soft / 2);
});

test("materials that no lamp lights are lit by their colour, and again from their own", () => {
  const lights = new StageLights();
  const mesh = new Mesh(undefined, new MeshBasicMaterial({ color: 0xffffff }));
  for (const preset of ["dark", "dark", "soft"] as const) {
    lights.set({ preset, colour: "#ff8080" });
    lights.lightPlain(mesh);
    const { r, g } = mesh.material.color;
    expect(r).toBeCloseTo(preset === "dark" ? 0.45 : 1, 5);
    expect(g / r).toBeCloseTo(0x80 / 0xff, 4);
  }
});
