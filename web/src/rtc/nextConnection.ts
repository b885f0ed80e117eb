/** The life of a connection that heals itself, as a pure function; `KeptSession` does what it says. */
import type { Failure } from "./Failure";

export type Connection =
  | { readonly is: "idle" }
  | { readonly is: "connecting"; readonly attempt: number }
  | { readonly is: "live" }
  | { readonly is: "waiting"; readonly attempt: number; readonly delayMs: number; readonly failure: Failure }
  | { readonly is: "ended"; readonly failure: Failure };

export type ConnectionEvent =
  | { readonly is: "start" }
  | { readonly is: "renew" }
  | { readonly is: "opened" }
  | { readonly is: "failed"; readonly failure: Failure /** 0..1 */; readonly random: number }
  | { readonly is: "due" }
  | { readonly is: "online" }
  | { readonly is: "stop" };

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 4000;
/** A peer that vanished is dropped by the server within 10 s: as long as this may the room look taken by our own past. */
const ROOM_TAKEN_ATTEMPTS = 6;

/** The connection after the event. An event that makes no sense now (a timer that was late) changes nothing. */
export function nextConnection(now: Connection, event: ConnectionEvent): Connection {
  switch (event.is) {
    case "start":
      return now.is === "idle" || now.is === "ended" ? { is: "connecting", attempt: 0 } : now;
    case "renew":
      return now.is === "idle" || now.is === "ended" ? now : { is: "connecting", attempt: 0 };
    case "opened":
      return now.is === "connecting" ? { is: "live" } : now;
    case "failed":
      return afterFailure(now, event.failure, event.random);
    case "due":
      return now.is === "waiting" ? { is: "connecting", attempt: now.attempt } : now;
    case "online":
      return now.is === "waiting" && isOfTheNetwork(now.failure) ? { is: "connecting", attempt: 0 } : now;
    case "stop":
      return { is: "idle" };
  }
}

function afterFailure(now: Connection, failure: Failure, random: number): Connection {
  if (now.is !== "connecting" && now.is !== "live") return now;
  const attempt = (now.is === "connecting" ? now.attempt : 0) + 1;
  if (!canBeRetried(failure, attempt)) return { is: "ended", failure };
  return { is: "waiting", attempt, delayMs: delayMs(failure, attempt, random), failure };
}

function canBeRetried(failure: Failure, attempt: number): boolean {
  if (failure.kind === "room-taken") return attempt <= ROOM_TAKEN_ATTEMPTS;
  return failure.kind === "server-full" || isOfTheNetwork(failure);
}

function isOfTheNetwork(failure: Failure): boolean {
  return failure.kind === "lost" || failure.kind === "unreachable" || failure.kind === "no-path";
}

/** Doubles with each attempt up to a cap; spread by up to a half, so that pages do not all come back at once. */
function delayMs(failure: Failure, attempt: number, random: number): number {
  const backoff = Math.min(FIRST_DELAY_MS * 2 ** (attempt - 1), LONGEST_DELAY_MS);
  return Math.max(backoff * (0.75 + random / 2), failure.retryAfterS * 1000);
}
