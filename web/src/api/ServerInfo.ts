/** What `GET /v1/info` says the server offers. */
export interface ServerInfo {
  readonly version: string;
  readonly engine: string;
  readonly trackers: readonly string[];
  readonly qualities: readonly string[];
  readonly overlays: readonly string[];
  readonly max_sessions: number;
  readonly sessions: number;
  /** Whether rooms' outputs may be set over the API. */
  readonly outputs: boolean;
  readonly ready: boolean;
}
