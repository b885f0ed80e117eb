/** The stage's lights: from before (as always), from one side, from behind, hardly any. */
export type LightPreset = "soft" | "key" | "rim" | "dark";
