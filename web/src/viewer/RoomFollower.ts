import {
  type ConnectionState,
  type ErrorKind,
  type RigFrame,
  type Room,
  type Subscriber,
  subscribe,
} from "mocast-client";
import { ownServer } from "../api/ownServer";

/** A session that ended is tried again: nobody is at a browser source to reload it. */
const RETRY_MS = 10_000;
/** What no waiting mends: the page needs an address with another token. */
const NEEDS_A_TOKEN = new Set<ErrorKind>(["token-needed", "not-allowed"]);
/** A browser without WebRTC (GNOME's on Debian, or where it is switched off) follows all the same, without sound. */
const TRANSPORT = "RTCPeerConnection" in globalThis ? "webrtc" : "websocket";

interface RoomFollowerHandlers {
  onRig(rig: RigFrame): void;
  /** The connection's or the room's state changed. */
  onChange(): void;
  /** The rigs from now on are of another session. */
  onRestart(): void;
  /** The room's sound, of each session; without it, none is asked for. */
  onSound?(stream: MediaStream): void;
}

/** Receives a room's rigs for as long as the page is open: over restarts of the server, empty rooms and lost networks. */
export class RoomFollower {
  /** `null` over a WebSocket, which does not tell it. */
  roomState: Room | null = null;
  /** Whether it was connected once. */
  wasLive = false;
  /** Whether the present connection brought a rig. */
  private hasRig = false;
  private session: Subscriber | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `people`: of how many rigs are wanted. */
  constructor(
    readonly room: string,
    private readonly people: number,
    private readonly handlers: RoomFollowerHandlers,
  ) {}

  /** `ended` is here a longer wait, unless a token is needed; `null` before the start. */
  get connection(): ConnectionState | null {
    return this.session?.state ?? null;
  }

  /** The present connection, for its statistics; `null` between two. */
  get peer(): RTCPeerConnection | null {
    return this.session?.connection ?? null;
  }

  /** Whether the room can only be followed with another token, in another address. */
  get needsToken(): boolean {
    const { connection } = this;
    return connection?.is === "ended" && NEEDS_A_TOKEN.has(connection.error.kind);
  }

  /** Whether somebody is in the room; over a WebSocket: whether somebody was since it was connected. */
  get isFollowing(): boolean {
    const { roomState, hasRig } = this;
    return this.connection?.is === "live" && (roomState ? roomState.publisher !== null : hasRig);
  }

  start(): void {
    const session = subscribe(ownServer, this.room, {
      transport: TRANSPORT,
      audio: this.handlers.onSound !== undefined,
      people: this.people,
    });
    this.session = session;
    this.handlers.onRestart();
    session.on("rig", (rig) => this.onRig(rig));
    session.on("audio", (stream) => this.handlers.onSound?.(stream));
    session.on("room", (room) => this.onRoom(room));
    session.on("state", (state) => this.onState(state));
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.session?.close();
  }

  private onRig(rig: RigFrame): void {
    const isFirst = !this.hasRig;
    this.hasRig = true;
    if (isFirst) this.handlers.onChange();
    this.handlers.onRig(rig);
  }

  private onRoom(state: Room): void {
    this.roomState = state;
    this.handlers.onChange();
  }

  private onState(state: ConnectionState): void {
    if (state.is === "connecting") this.handlers.onRestart();
    if (state.is === "live") this.wasLive = true;
    else {
      this.roomState = null;
      this.hasRig = false;
    }
    if (state.is === "ended" && !this.needsToken) this.timer = setTimeout(() => this.start(), RETRY_MS);
    this.handlers.onChange();
  }
}
