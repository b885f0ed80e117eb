import {
  type ConnectionState,
  type Failure,
  type FailureKind,
  makeRigFrame,
  parseBinaryRig,
  ReconnectingSession,
  type RigFrame,
  type Room,
  ViewerSession,
} from "mocast-client";

/** A session that ended is tried again: nobody is at a browser source to reload it. */
const RETRY_MS = 10_000;
/** What no waiting mends: the page needs an address with another token. */
const NEEDS_A_TOKEN = new Set<FailureKind>(["token-needed", "not-allowed"]);

interface RoomFollowerHandlers {
  onRig(rig: RigFrame): void;
  /** The connection's or the room's state changed. */
  onChange(): void;
  /** The rigs from now on are of another session. */
  onRestart(): void;
}

/** Receives a room's rigs for as long as the page is open: over restarts of the server, empty rooms and lost networks. */
export class RoomFollower {
  roomState: Room | null = null;
  /** Whether it was connected once. */
  wasLive = false;
  private readonly rig = makeRigFrame();
  private readonly reconnecting: ReconnectingSession<ViewerSession>;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly aborter = new AbortController();

  constructor(
    readonly room: string,
    private readonly handlers: RoomFollowerHandlers,
  ) {
    this.reconnecting = new ReconnectingSession(
      {
        make: (_replace, onLost) => this.subscribe(onLost),
        onChange: (connection) => this.onConnection(connection),
        onId: () => undefined,
      },
      null,
    );
  }

  /** `idle`, `connecting`, `live`, `waiting` or `ended`, which here is a longer wait. */
  get connection(): ConnectionState {
    return this.reconnecting.state;
  }

  /** Whether the room can only be followed with another token, in another address. */
  get needsToken(): boolean {
    return this.connection.is === "ended" && NEEDS_A_TOKEN.has(this.connection.failure.kind);
  }

  /** The present session; `null` between two. */
  get subscription(): ViewerSession | null {
    return this.reconnecting.session;
  }

  start(): void {
    const { signal } = this.aborter;
    addEventListener("online", () => this.reconnecting.online(), { signal });
    addEventListener("pagehide", () => this.reconnecting.stop(), { signal });
    addEventListener("pageshow", ({ persisted }) => persisted && this.reconnecting.start(), { signal });
    this.reconnecting.start();
  }

  dispose(): void {
    this.aborter.abort();
    clearTimeout(this.timer);
    this.reconnecting.stop();
  }

  private subscribe(onLost: (failure: Failure) => void): ViewerSession {
    this.handlers.onRestart();
    return new ViewerSession({
      room: this.room,
      onRig: (message) => this.onRig(message),
      onRoom: (state) => this.onRoom(state),
      onLost,
    });
  }

  /** The avatar is the first person's. */
  private onRig(message: ArrayBuffer): void {
    if (parseBinaryRig(message, this.rig) && this.rig.person === 0) this.handlers.onRig(this.rig);
  }

  private onRoom(state: Room | null): void {
    this.roomState = state;
    this.handlers.onChange();
  }

  private onConnection(connection: ConnectionState): void {
    clearTimeout(this.timer);
    if (connection.is === "live") this.wasLive = true;
    if (connection.is === "ended" && !this.needsToken)
      this.timer = setTimeout(() => this.reconnecting.start(), RETRY_MS);
    if (connection.is !== "live") this.roomState = null;
    this.handlers.onChange();
  }
}
