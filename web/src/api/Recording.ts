/** A recording as `GET /v1/recordings/{id}` tells of it: docs/http-api.md. */
export interface Recording {
  readonly id: string;
  readonly state: string;
  readonly seconds: number;
  readonly frames: number;
  /** Bytes on the server's disk. */
  readonly size: number;
}
