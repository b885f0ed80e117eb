/** The state machine of a session that reconnects, as a pure function; `ReconnectingSession` runs it. */
import type { ErrorKind, MocastError } from "../MocastError";

/**
 * A session's state, told by its `is`. `waiting`: it connects again after `delayMs`; `ended`: it does not, as waiting mends
 * nothing; `closed`: by `close`. `attempt` counts the failures in a row, `error` is the last one.
 */
export type ConnectionState =
  | { readonly is: "connecting"; readonly attempt: number }
  | { readonly is: "live" }
  | {
      readonly is: "waiting";
      readonly attempt: number;
      readonly delayMs: number;
      readonly error: MocastError;
    }
  | { readonly is: "ended"; readonly error: MocastError }
  | { readonly is: "closed" };

export type ConnectionEvent =
  | { readonly is: "renew" }
  | { readonly is: "connected" }
  | { readonly is: "failed"; readonly error: MocastError /** 0..1 */; readonly random: number }
  | { readonly is: "retry" }
  | { readonly is: "online" }
  | { readonly is: "close" };

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4000;
/** The server drops a peer that vanished within 10 s; until then our own last session may hold the room. */
const ROOM_TAKEN_ATTEMPTS = 6;

/** What may get better by itself; of the network: what gets better at once when the network is back. */
const RETRIED = new Set<ErrorKind>(["server-full", "too-many", "server-failed", "closed"]);
const OF_THE_NETWORK = new Set<ErrorKind>(["lost", "unreachable", "no-path"]);

/** The state after the event. An event that makes no sense in this state (a late timer) changes nothing. */
export function nextConnectionState(now: ConnectionState, event: ConnectionEvent): ConnectionState {
  switch (event.is) {
    case "renew":
      return now.is === "closed" || now.is === "ended" ? now : { is: "connecting", attempt: 0 };
    case "connected":
      return now.is === "connecting" ? { is: "live" } : now;
    case "failed":
      return afterFailure(now, event.error, event.random);
    case "retry":
      return now.is === "waiting" ? { is: "connecting", attempt: now.attempt } : now;
    case "online":
      return now.is === "waiting" && isOfTheNetwork(now.error) ? { is: "connecting", attempt: 0 } : now;
    case "close":
      return now.is === "closed" ? now : { is: "closed" };
  }
}

function afterFailure(now: ConnectionState, error: MocastError, random: number): ConnectionState {
  if (now.is !== "connecting" && now.is !== "live") return now;
  const attempt = (now.is === "connecting" ? now.attempt : 0) + 1;
  if (!canBeRetried(error, attempt)) return { is: "ended", error };
  return { is: "waiting", attempt, delayMs: delayMs(error, attempt, random), error };
}

function canBeRetried(error: MocastError, attempt: number): boolean {
  if (error.kind === "room-taken") return attempt <= ROOM_TAKEN_ATTEMPTS;
  return RETRIED.has(error.kind) || isOfTheNetwork(error);
}

function isOfTheNetwork(error: MocastError): boolean {
  return OF_THE_NETWORK.has(error.kind);
}

/**
 * Doubles with each attempt up to a cap, or is what the server asked for, never less; spread by up to a half, so that pages
 * do not all come back at once.
 */
function delayMs(error: MocastError, attempt: number, random: number): number {
  const backoff = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return Math.max(backoff * (0.75 + random / 2), error.retryAfterS * 1000 * (1 + random / 2));
}
