import type { Failure } from "./Failure";
import type { MocastSession } from "./MocastSession";
import { type Connection, type ConnectionEvent, nextConnection } from "./nextConnection";

/** What a session needs to be kept; the page gives a real one, tests give their own. */
type Keepable = Pick<MocastSession, "id" | "connect" | "close">;

export interface KeptSessionOptions<Session extends Keepable> {
  /** Make a session, not yet connected, that takes the room over from the session `replace`. */
  make(replace: string | null, onLost: (failure: Failure) => void): Session;
  onChange(connection: Connection): void;
  /** The id of the session that holds the room, to be remembered across reloads; `null` when it was left. */
  onId(id: string | null): void;
}

/** Keeps one session alive: does what `nextConnection` decides, and takes its own room back after an interruption. */
export class KeptSession<Session extends Keepable> {
  private now: Connection = { is: "idle" };
  private current: Session | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly options: KeptSessionOptions<Session>,
    private lastId: string | null,
  ) {}

  get connection(): Connection {
    return this.now;
  }

  get session(): Session | null {
    return this.current;
  }

  start(): void {
    this.happen({ is: "start" });
  }

  /** Put another session in the place of the present one, for what a session cannot change while it lives. */
  renew(): void {
    this.happen({ is: "renew" });
  }

  /** The browser says that the network is back. */
  online(): void {
    this.happen({ is: "online" });
  }

  stop(): void {
    this.happen({ is: "stop" });
  }

  private happen(event: ConnectionEvent): void {
    const next = nextConnection(this.now, event);
    if (next === this.now) return;
    this.now = next;
    clearTimeout(this.timer);
    if (next.is === "connecting") this.connect();
    if (next.is === "waiting") this.timer = setTimeout(() => this.happen({ is: "due" }), next.delayMs);
    if (next.is === "idle") this.leave();
    this.options.onChange(next);
  }

  private connect(): void {
    this.putAside();
    const session = this.options.make(this.lastId, (failure) => this.failed(session, failure));
    this.current = session;
    session.connect().then(
      () => this.opened(session),
      (failure: Failure) => this.failed(session, failure),
    );
  }

  /** The session that is renewed; the next one takes the room over should the server still hold it for this one. */
  private putAside(): void {
    const session = this.current;
    this.current = null;
    if (session?.id) this.remember(session.id);
    session?.close();
  }

  private opened(session: Session): void {
    if (session !== this.current) return;
    this.remember(session.id);
    this.happen({ is: "opened" });
  }

  private failed(session: Session, failure: Failure): void {
    if (session !== this.current) return;
    // The server may still hold the room for a session that never got through.
    if (session.id) this.remember(session.id);
    this.current = null;
    this.happen({ is: "failed", failure, random: Math.random() });
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
