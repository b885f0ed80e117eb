/** The state machine of a session that reconnects, as a pure function; `ReconnectingSession` runs it. */
import type { Failure, FailureKind } from "../Failure";

export type ConnectionState =
  | { readonly is: "idle" }
  | { readonly is: "connecting"; readonly attempt: number }
  | { readonly is: "live" }
  | { readonly is: "waiting"; readonly attempt: number; readonly delayMs: number; readonly failure: Failure }
  | { readonly is: "ended"; readonly failure: Failure };

export type ConnectionEvent =
  | { readonly is: "start" }
  | { readonly is: "renew" }
  | { readonly is: "connected" }
  | { readonly is: "failed"; readonly failure: Failure /** 0..1 */; readonly random: number }
  | { readonly is: "retry" }
  | { readonly is: "online" }
  | { readonly is: "stop" };

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4000;
/** The server drops a peer that vanished within 10 s; until then our own last session may hold the room. */
const ROOM_TAKEN_ATTEMPTS = 6;

/** What may get better by itself; of the network: what gets better at once when the network is back. */
const RETRIED = new Set<FailureKind>(["server-full", "too-many", "server-failed", "closed"]);
const OF_THE_NETWORK = new Set<FailureKind>(["lost", "unreachable", "no-path"]);

/** The state after the event. An event that makes no sense in this state (a late timer) changes nothing. */
export function nextConnectionState(now: ConnectionState, event: ConnectionEvent): ConnectionState {
  switch (event.is) {
    case "start":
      return now.is === "idle" || now.is === "ended" ? { is: "connecting", attempt: 0 } : now;
    case "renew":
      return now.is === "idle" || now.is === "ended" ? now : { is: "connecting", attempt: 0 };
    case "connected":
      return now.is === "connecting" ? { is: "live" } : now;
    case "failed":
      return afterFailure(now, event.failure, event.random);
    case "retry":
      return now.is === "waiting" ? { is: "connecting", attempt: now.attempt } : now;
    case "online":
      return now.is === "waiting" && isNetworkFailure(now.failure) ? { is: "connecting", attempt: 0 } : now;
    case "stop":
      return { is: "idle" };
  }
}

function afterFailure(now: ConnectionState, failure: Failure, random: number): ConnectionState {
  if (now.is !== "connecting" && now.is !== "live") return now;
  const attempt = (now.is === "connecting" ? now.attempt : 0) + 1;
  if (!canBeRetried(failure, attempt)) return { is: "ended", failure };
  return { is: "waiting", attempt, delayMs: delayMs(failure, attempt, random), failure };
}

function canBeRetried(failure: Failure, attempt: number): boolean {
  if (failure.kind === "room-taken") return attempt <= ROOM_TAKEN_ATTEMPTS;
  return RETRIED.has(failure.kind) || isNetworkFailure(failure);
}

function isNetworkFailure(failure: Failure): boolean {
  return OF_THE_NETWORK.has(failure.kind);
}

/**
 * Doubles with each attempt up to a cap, or is what the server asked for, never less; spread by up to a half, so that pages
 * do not all come back at once.
 */
function delayMs(failure: Failure, attempt: number, random: number): number {
  const backoff = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return Math.max(backoff * (0.75 + random / 2), failure.retryAfterS * 1000 * (1 + random / 2));
}
