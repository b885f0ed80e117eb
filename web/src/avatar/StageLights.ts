import { Color, DirectionalLight, HemisphereLight, Mesh, MeshBasicMaterial, type Object3D } from "three";
import type { LightPreset } from "./LightPreset";
import type { StageLight } from "./StageLight";

interface Lamp {
  readonly colour: number;
  readonly intensity: number;
  /** Where it comes from, in any unit: X to the right of the picture, Z to whoever watches. */
  readonly from: readonly [number, number, number];
}

interface Preset {
  readonly lamps: readonly Lamp[];
  readonly around: { readonly sky: number; readonly ground: number; readonly intensity: number };
  /** Of materials that no lamp lights: their share of light in all. */
  readonly plain: number;
}

const PRESETS: Record<LightPreset, Preset> = {
  soft: {
    lamps: [{ colour: 0xffffff, intensity: 2.4, from: [0.6, 1.2, 1.6] }],
    around: { sky: 0xffffff, ground: 0xb0b8c4, intensity: 0.9 },
    plain: 1,
  },
  key: {
    lamps: [
      { colour: 0xfff4e6, intensity: 2.8, from: [1.8, 1.1, 0.9] },
      { colour: 0xdfe8ff, intensity: 0.25, from: [-1.5, 0.6, 1.2] },
    ],
    around: { sky: 0xffffff, ground: 0x8890a0, intensity: 0.3 },
    plain: 0.85,
  },
  rim: {
    lamps: [
      { colour: 0xffffff, intensity: 1.5, from: [1.5, 0.8, -1.6] },
      { colour: 0xe2ebff, intensity: 1.5, from: [-1.5, 0.8, -1.6] },
      { colour: 0xffffff, intensity: 0.3, from: [0.2, 0.6, 1.6] },
    ],
    around: { sky: 0xffffff, ground: 0x8890a0, intensity: 0.35 },
    plain: 0.7,
  },
  dark: {
    lamps: [
      { colour: 0xcdd8ff, intensity: 0.45, from: [-0.9, 1.6, 0.9] },
      { colour: 0xa9b8f0, intensity: 0.35, from: [1.6, 0.8, -1.2] },
    ],
    around: { sky: 0xd0d8f0, ground: 0x606878, intensity: 0.3 },
    plain: 0.45,
  },
};
const MOST_LAMPS = Math.max(...Object.values(PRESETS).map(({ lamps }) => lamps.length));

/** The lights of a stage, of which each preset sets all. */
export class StageLights {
  readonly lamps = Array.from({ length: MOST_LAMPS }, () => new DirectionalLight());
  readonly around = new HemisphereLight();
  private readonly tint = new Color();
  private readonly plain = new Color();

  constructor() {
    this.set({ preset: "soft", colour: "#ffffff" });
  }

  set({ preset, colour }: StageLight): void {
    const { lamps, around, plain } = PRESETS[preset];
    this.tint.set(colour);
    this.lamps.forEach((light, index) => {
      const lamp = lamps[index];
      // Its shader is made for so many lights: none of them is hidden, which would have it made anew.
      light.intensity = lamp?.intensity ?? 0;
      if (!lamp) return;
      light.color.set(lamp.colour).multiply(this.tint);
      light.position.set(...lamp.from);
    });
    this.around.color.set(around.sky).multiply(this.tint);
    this.around.groundColor.set(around.ground).multiply(this.tint);
    this.around.intensity = around.intensity;
    // Colours of plain materials go to the screen as they are stored.
    this.plain.set(colour).convertLinearToSRGB().multiplyScalar(plain);
  }

  /** Light an avatar whose materials no lamp lights: see `simplifyMaterials`. */
  lightPlain(avatar: Object3D): void {
    avatar.traverse((object) => {
      if (!(object instanceof Mesh)) return;
      for (const material of [object.material].flat()) {
        if (!(material instanceof MeshBasicMaterial)) continue;
        material.userData.unlit ??= material.color.clone();
        material.color.copy(material.userData.unlit as Color).multiply(this.plain);
      }
    });
  }
}
