/** Everything about a session that may be changed while it lives: docs/http-api.md. */
export interface Settings {
  tracker: string;
  quality: string;
  pace: string;
  overlay: string[];
  hud: boolean;
  /** Joints below this visibility are not drawn, 0..1. */
  confidence: number;
  /** Multiplies the width that fits the picture's size, 0.25..4. */
  line_width: number;
  /** Of the overlays over the picture, 0..1. */
  opacity: number;
  background: string;
  privacy: string;
  /** Whether the returned picture is flipped left to right. Landmarks never are. */
  mirror: boolean;
  /** How the avatar follows: `responsive`, `balanced` or `smooth`. */
  smoothing: string;
  /** What of the body the avatar follows: `auto`, `full` or `half`. */
  body: string;
}
