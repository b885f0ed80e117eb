/** What is asked for of an output (docs/http-api.md). */
export interface OutputOptions {
  readonly kind: "vmc" | "vts" | "ifacialmocap";
  readonly host: string;
  readonly port: number;
  readonly parts?: readonly string[];
  readonly mirror?: boolean;
  /** VMC only. */
  readonly names?: string;
  readonly camera?: boolean;
}

/** Where a room's rig goes by the server itself: an element of `GET /v1/rooms/{room}/outputs`. */
export interface Output extends OutputOptions {
  /** The operator's own, which nobody changes over the API. */
  readonly fixed: boolean;
  /** How it fares, in a word of the server's. */
  readonly state: string;
  /** A sentence where there is something to know or to do; may be empty. */
  readonly detail: string;
}
