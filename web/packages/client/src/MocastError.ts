import type { Problem } from "./api/generated";

/**
 * What went wrong between a program and a server, by what can be done about it.
 *
 * - `token-needed`: 401, the server asks for a token, or for another one
 * - `not-allowed`: 403, the token does not grant that
 * - `room-taken`: 409, somebody else publishes to the room
 * - `too-many`: 429, a limit of this client
 * - `server-full`: 503, a limit of the server, or it is not ready; or it answers too late
 * - `server-failed`: 500
 * - `refused`: anything else that the server answered; `problem` says what is wrong
 * - `unreachable`: no answer, or the server does not allow the page's origin, which browsers do not tell apart
 * - `no-path`: an answer, but media and data do not get through: a firewall, or no TURN relay
 * - `lost`: there was a connection, and it broke
 * - `closed`: the server ended the session, and takes another one
 * - `closed-for-good`: it ended because of a limit that the next session would reach, too
 */
export type ErrorKind =
  | "token-needed"
  | "not-allowed"
  | "room-taken"
  | "too-many"
  | "server-full"
  | "server-failed"
  | "refused"
  | "unreachable"
  | "no-path"
  | "lost"
  | "closed"
  | "closed-for-good";

/** What every call and every session of the client fails with. */
export class MocastError extends Error {
  override readonly name = "MocastError";
  /** Of the HTTP answer; 0 where it was none that refused. */
  readonly status: number;
  /** The server's `application/problem+json` (RFC 9457); `null` where it was not the server that refused. */
  readonly problem: Problem | null;
  /** Seconds after which the server wants to be asked again (`Retry-After`); 0 where it did not say. */
  readonly retryAfterS: number;

  /** @internal */
  constructor(
    readonly kind: ErrorKind,
    /** One plain sentence from the server, or the browser's words for the fault; may be empty. */
    readonly detail = "",
    more: { status?: number; problem?: Problem | null; retryAfterS?: number } = {},
  ) {
    super(detail ? `${kind}: ${detail}` : kind);
    this.problem = more.problem ?? null;
    this.status = more.status ?? this.problem?.status ?? 0;
    this.retryAfterS = more.retryAfterS ?? 0;
  }

  /**
   * The error itself where it is a `MocastError`, else one of this kind.
   *
   * @internal
   */
  static from(error: unknown, kind: ErrorKind = "refused"): MocastError {
    if (error instanceof MocastError) return error;
    return new MocastError(kind, error instanceof Error ? error.message : String(error));
  }
}
