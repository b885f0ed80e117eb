/** What `GET /v1/info` says the server offers. */
export interface ServerInfo {
  readonly version: string;
  readonly engine: string;
  readonly trackers: readonly string[];
  readonly qualities: readonly string[];
  readonly overlays: readonly string[];
  readonly max_sessions: number;
  readonly sessions: number;
  readonly ready: boolean;
}
