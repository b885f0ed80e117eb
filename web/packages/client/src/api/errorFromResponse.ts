import { type ErrorKind, MocastError } from "../MocastError";
import type { Problem } from "./generated";

const KINDS: Readonly<Record<number, ErrorKind>> = {
  401: "token-needed",
  403: "not-allowed",
  409: "room-taken",
  429: "too-many",
  500: "server-failed",
  // Of the server, or of a proxy whose server is gone.
  502: "unreachable",
  503: "server-full",
  504: "unreachable",
};
/** Seconds to wait where an answer asks for patience, and does not say how long. */
const PATIENCE_S = 5;

/** What an HTTP answer that is not a success means: its status and its `application/problem+json`. */
export async function errorFromResponse(response: Response): Promise<MocastError> {
  const { status, headers, statusText } = response;
  const body: Partial<Problem> | null = await response.json().catch(() => null);
  const problem = typeof body?.detail === "string" ? (body as Problem) : null;
  const waits = status === 429 || status === 503;
  const kind = KINDS[status] ?? (status >= 500 ? "unreachable" : "refused");
  return new MocastError(kind, problem?.detail ?? statusText, {
    status,
    problem,
    retryAfterS: waits ? retryAfterS(headers.get("Retry-After")) : 0,
  });
}

/** Seconds from a `Retry-After`: a number, or a date (RFC 9110, 10.2.3). */
function retryAfterS(header: string | null): number {
  const seconds = Number(header ?? Number.NaN);
  const wait = Number.isNaN(seconds) ? (Date.parse(header ?? "") - Date.now()) / 1000 : seconds;
  return wait > 0 ? wait : PATIENCE_S;
}
