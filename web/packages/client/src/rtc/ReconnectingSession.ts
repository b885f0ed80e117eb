import { MocastError } from "../MocastError";
import { type ConnectionEvent, type ConnectionState, nextConnectionState } from "./nextConnectionState";

/** What is needed of a session: `PublisherSession`, `ViewerSession` and `SocketSession` have it. */
export interface Connectable {
  readonly id: string | null;
  connect(): Promise<void>;
  close(): void;
}

export interface ReconnectingSessionOptions<Session extends Connectable> {
  /** Make a session, not yet connected, that takes the room over from the session `replace`. */
  make(replace: string | null, onLost: (error: MocastError) => void): Session;
  onChange(state: ConnectionState): void;
}

/**
 * Reconnects a session: does what `nextConnectionState` decides, and takes its own room back after an interruption. The
 * session ends with the page, and comes back with one that the browser had kept.
 */
export class ReconnectingSession<Session extends Connectable> {
  private currentState: ConnectionState = { is: "connecting", attempt: 0 };
  private current: Session | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly aborter = new AbortController();

  /** `lastId`: the session that holds the room now and is to be replaced. */
  constructor(
    private readonly options: ReconnectingSessionOptions<Session>,
    private lastId: string | null = null,
  ) {}

  get state(): ConnectionState {
    return this.currentState;
  }

  get session(): Session | null {
    return this.current;
  }

  /** The id of the session that holds the room, as far as is known. */
  get id(): string | null {
    return this.current?.id ?? this.lastId;
  }

  /** Connect; to be called once. */
  start(): void {
    if (this.currentState.is !== "connecting") return;
    const { signal } = this.aborter;
    // Programs outside of pages have no such events.
    globalThis.addEventListener?.("online", () => this.dispatch({ is: "online" }), { signal });
    globalThis.addEventListener?.("pagehide", () => this.current?.close(), { signal });
    globalThis.addEventListener?.("pageshow", ({ persisted }) => persisted && this.renew(), { signal });
    this.connect();
  }

  /** Replace the session by a new one, for what a session cannot change while it lives. */
  renew(): void {
    this.dispatch({ is: "renew" });
  }

  /** End it for good. */
  close(): void {
    this.dispatch({ is: "close" });
  }

  private dispatch(event: ConnectionEvent): void {
    const next = nextConnectionState(this.currentState, event);
    if (next === this.currentState) return;
    this.currentState = next;
    clearTimeout(this.timer);
    if (next.is === "waiting") this.timer = setTimeout(() => this.dispatch({ is: "retry" }), next.delayMs);
    if (next.is === "closed") this.leave();
    if (next.is === "closed" || next.is === "ended") this.aborter.abort();
    this.options.onChange(next);
    // Unless a listener has closed it.
    if (next.is === "connecting" && next === this.currentState) this.connect();
  }

  private connect(): void {
    this.closeCurrent();
    try {
      const session = this.options.make(this.lastId, (error) => this.failed(session, error));
      this.current = session;
      session.connect().then(
        () => this.connected(session),
        (error) => this.failed(session, error),
      );
    } catch (error) {
      // Such as a browser without WebRTC.
      this.fail(error);
    }
  }

  /** Close the session that is renewed; the next one takes the room over if the server still holds it for this one. */
  private closeCurrent(): void {
    const session = this.current;
    this.current = null;
    if (session?.id) this.lastId = session.id;
    session?.close();
  }

  private connected(session: Session): void {
    if (session !== this.current) return;
    this.lastId = session.id;
    this.dispatch({ is: "connected" });
  }

  private failed(session: Session, error: unknown): void {
    if (session !== this.current) return;
    // The server may still hold the room for a session that never got through.
    if (session.id) this.lastId = session.id;
    this.current = null;
    this.fail(error);
  }

  private fail(error: unknown): void {
    this.dispatch({ is: "failed", error: MocastError.from(error), random: Math.random() });
  }

  private leave(): void {
    const session = this.current;
    this.current = null;
    this.lastId = null;
    session?.close();
  }
}
