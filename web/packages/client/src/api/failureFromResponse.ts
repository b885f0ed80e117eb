import { Failure, type FailureKind } from "../Failure";
import type { Problem } from "./generated";

const KINDS: Readonly<Record<number, FailureKind>> = {
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

/** What an HTTP answer that is not a success means: its status and, in `application/problem+json`, its sentences. */
export async function failureFromResponse(response: Response): Promise<Failure> {
  const { status, headers, statusText } = response;
  const { detail, errors } = (await response.json().catch(() => ({}))) as Partial<Problem>;
  const waits = status === 429 || status === 503;
  return new Failure(
    KINDS[status] ?? (status >= 500 ? "unreachable" : "refused"),
    typeof detail === "string" ? detail : statusText,
    waits ? retryAfterS(headers.get("Retry-After")) : 0,
    Array.isArray(errors) ? errors : [],
  );
}

/** Seconds from a `Retry-After`: a number, or a date (RFC 9110, 10.2.3). */
function retryAfterS(header: string | null): number {
  const seconds = Number(header ?? Number.NaN);
  const wait = Number.isNaN(seconds) ? (Date.parse(header ?? "") - Date.now()) / 1000 : seconds;
  return wait > 0 ? wait : PATIENCE_S;
}
