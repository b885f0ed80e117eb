import type { Settings } from "../api/Settings";

/** The server's defaults, but mirrored: who sees themselves expects a mirror. */
export const defaultSettings: Settings = {
  tracker: "holistic",
  quality: "balanced",
  pace: "sync",
  overlay: ["limbs", "rainbow", "contours"],
  hud: false,
  confidence: 0.5,
  line_width: 1,
  opacity: 1,
  background: "video",
  privacy: "off",
  mirror: true,
  smoothing: "balanced",
  body: "auto",
};
