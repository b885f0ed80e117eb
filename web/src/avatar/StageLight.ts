import type { LightPreset } from "./LightPreset";

/** How the stage is lit. */
export interface StageLight {
  readonly preset: LightPreset;
  /** What the lights' colours are multiplied by, as CSS writes it. */
  readonly colour: string;
}
