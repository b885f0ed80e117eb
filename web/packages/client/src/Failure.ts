import type { OptionError } from "./api/generated";

/** What can go wrong for the person at the page; each kind has its own sentence (`view/text/failureText.ts`). */
export type FailureKind =
  | "no-camera"
  | "permission-refused"
  | "camera-busy"
  | "camera-lost"
  | "camera-failed"
  | "insecure-page"
  | "unsupported-browser"
  | "unsupported-video"
  | "unsupported-picture"
  | "server-full"
  | "too-many"
  | "room-taken"
  | "token-needed"
  | "not-allowed"
  | "refused"
  | "closed"
  | "closed-for-good"
  | "server-failed"
  | "unreachable"
  | "no-path"
  | "lost";

/** A failure with what the server or the browser said about it. */
export class Failure extends Error {
  override readonly name = "Failure";

  constructor(
    readonly kind: FailureKind,
    /** One plain sentence from the server, or the browser's name for the fault; may be empty. */
    readonly detail = "",
    /** Seconds after which the server wants to be asked again; 0 where it did not say. */
    readonly retryAfterS = 0,
    /** What is wrong with single options, where the server said so. */
    readonly errors: readonly OptionError[] = [],
  ) {
    super(detail ? `${kind}: ${detail}` : kind);
  }

  /** The error itself where it is a `Failure`, else one of this kind. */
  static from(error: unknown, kind: FailureKind = "refused"): Failure {
    return error instanceof Failure ? error : new Failure(kind, String(error));
  }
}
