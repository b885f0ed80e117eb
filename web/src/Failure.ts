import { type ErrorKind, MocastError, type OptionError } from "mocast-client";

/** What can go wrong for the person at the page; each kind has its own sentence (`view/text/failureText.ts`). */
export type FailureKind =
  | ErrorKind
  | "no-camera"
  | "permission-refused"
  | "camera-busy"
  | "camera-lost"
  | "camera-failed"
  | "no-microphone"
  | "microphone-refused"
  | "microphone-busy"
  | "microphone-lost"
  | "microphone-failed"
  | "insecure-page"
  | "unsupported-browser"
  | "unsupported-video"
  | "unsupported-picture";

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

  /** The error itself where it is a `Failure`, what the client failed with, else one of this kind. */
  static from(error: unknown, kind: FailureKind = "refused"): Failure {
    if (error instanceof Failure) return error;
    if (!(error instanceof MocastError)) return new Failure(kind, String(error));
    return new Failure(error.kind, error.detail, error.retryAfterS, error.problem?.errors);
  }
}
