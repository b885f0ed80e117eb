import type { Failure } from "../Failure";
import { type ConnectionEvent, type ConnectionState, nextConnectionState } from "./nextConnectionState";
import type { PublisherSession } from "./PublisherSession";

/** What is needed of a session: `PublisherSession` and `ViewerSession` have it. */
type Connectable = Pick<PublisherSession, "id" | "connect" | "close">;

export interface ReconnectingSessionOptions<Session extends Connectable> {
  /** Make a session, not yet connected, that takes the room over from the session `replace`. */
  make(replace: string | null, onLost: (failure: Failure) => void): Session;
  onChange(state: ConnectionState): void;
  /** The id of the session that holds the room, to be remembered across reloads; `null` when it was left. */
  onId(id: string | null): void;
}

/** Reconnects a session: does what `nextConnectionState` decides, and takes its own room back after an interruption. */
export class ReconnectingSession<Session extends Connectable> {
  private currentState: ConnectionState = { is: "idle" };
  private current: Session | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly options: ReconnectingSessionOptions<Session>,
    private lastId: string | null,
  ) {}

  get state(): ConnectionState {
    return this.currentState;
  }

  get session(): Session | null {
    return this.current;
  }

  start(): void {
    this.dispatch({ is: "start" });
  }

  /** Replace the session by a new one, for what a session cannot change while it lives. */
  renew(): void {
    this.dispatch({ is: "renew" });
  }

  /** The browser says that the network is back. */
  online(): void {
    this.dispatch({ is: "online" });
  }

  stop(): void {
    this.dispatch({ is: "stop" });
  }

  private dispatch(event: ConnectionEvent): void {
    const next = nextConnectionState(this.currentState, event);
    if (next === this.currentState) return;
    this.currentState = next;
    clearTimeout(this.timer);
    if (next.is === "connecting") this.connect();
    if (next.is === "waiting") this.timer = setTimeout(() => this.dispatch({ is: "retry" }), next.delayMs);
    if (next.is === "idle") this.leave();
    this.options.onChange(next);
  }

  private connect(): void {
    this.closeCurrent();
    const session = this.options.make(this.lastId, (failure) => this.failed(session, failure));
    this.current = session;
    session.connect().then(
      () => this.connected(session),
      (failure: Failure) => this.failed(session, failure),
    );
  }

  /** Close the session that is renewed; the next one takes the room over if the server still holds it for this one. */
  private closeCurrent(): void {
    const session = this.current;
    this.current = null;
    if (session?.id) this.remember(session.id);
    session?.close();
  }

  private connected(session: Session): void {
    if (session !== this.current) return;
    this.remember(session.id);
    this.dispatch({ is: "connected" });
  }

  private failed(session: Session, failure: Failure): void {
    if (session !== this.current) return;
    // The server may still hold the room for a session that never got through.
    if (session.id) this.remember(session.id);
    this.current = null;
    this.dispatch({ is: "failed", failure, random: Math.random() });
  }

  private leave(): void {
    const session = this.current;
    this.current = null;
    session?.close();
    this.remember(null);
  }

  private remember(id: string | null): void {
    this.lastId = id;
    this.options.onId(id);
  }
}
