/** Where a room's rig goes by the server itself: an element of `GET /v1/rooms/{room}/outputs` (docs/http-api.md). */
export interface Output {
  readonly kind: "vmc" | "vts" | "ifacialmocap";
  readonly host: string;
  readonly port: number;
  readonly mirror: boolean;
  /** How it fares, in a word of the server's. */
  readonly state: string;
  /** A sentence where there is something to know or to do; may be empty. */
  readonly detail: string;
}
