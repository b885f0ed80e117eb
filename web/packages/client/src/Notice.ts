/** What the server says of itself or of the session, such as that it is about to stop. */
export interface Notice {
  /** `draining`, `expired`, `limit`, `closing`, `tracker-restarted`, `frames-dropped` or `b-frames` (docs/http-api.md). */
  readonly notice: string;
  /** One plain sentence; may be empty. */
  readonly detail: string;
}
