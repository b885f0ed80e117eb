/** What the server says about a session once a second: docs/http-api.md. Rates and medians are of the last seconds. */
export interface Statistics {
  fps_in: number;
  fps_tracked: number;
  fps_out: number;
  tracking_ms: number;
  /** From decoded to handed to the encoder. */
  delay_ms: number;
  frames_in: number;
  frames_tracked: number;
  frames_dropped: number;
  frames_sent: number;
  landmarks_dropped: number;
  tracker_failures: number;
  width: number;
  height: number;
}
