import type { Failure, FailureKind } from "../../Failure";
import { asSentence } from "./asSentence";
import { failureText } from "./failureText";

const OF_THE_NETWORK = new Set<FailureKind>(["unreachable", "lost"]);

/** Why a request outside the session failed: the server's own words, where it said any. */
export function requestFailureText(failure: Failure): string {
  const { title, advice } = failureText(failure);
  if (failure.errors.length > 0) return advice;
  if (failure.detail && !OF_THE_NETWORK.has(failure.kind)) return asSentence(failure.detail);
  return `${title} ${advice}`.trim();
}
