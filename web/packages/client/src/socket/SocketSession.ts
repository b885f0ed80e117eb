/** A reader's session with a Mocast server over a WebSocket: a room's streams as JSON; no picture. */

import type { EventTypes } from "../api/generated";
import { MocastError } from "../MocastError";
import type { Server } from "../Server";
import type { StreamName } from "../StreamName";
import type { AnalysisFrame, MotionEvent } from "../wire/AnalysisFrame";
import { parseAnalysis } from "../wire/parseAnalysis";
import { parseJsonFrame } from "../wire/parseJsonFrame";
import { parseRig } from "../wire/parseRig";
import type { RigFrame } from "../wire/RigFrame";
import type { TrackedFrame } from "../wire/TrackedFrame";

/** Every text begins with its type (docs/wire-format.md), so that a long one is parsed once. */
const TYPE = /^\{"type": ?"(\w+)"/;

/** The server is about to stop (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;
const POLICY_VIOLATION = 1008;
/** The token has expired (IANA's WebSocket Close Code Number Registry). */
const UNAUTHORIZED = 3000;

export interface SocketSessionOptions {
  readonly server: Server;
  readonly room: string;
  /** What is told when it happens. */
  readonly events?: EventTypes;
  /** Of how many people messages are wanted; 1 where it is left out. */
  readonly people?: number;
  onLandmarks?(frame: TrackedFrame): void;
  onRig?(rig: RigFrame): void;
  onAnalysis?(analysis: AnalysisFrame): void;
  onEvent?(event: MotionEvent): void;
  onNotice?(notice: string, detail: string): void;
  /** The session ended without `close`; called once, after `connect` resolved. */
  onLost?(error: MocastError): void;
}

export class SocketSession {
  /** A reader has none. */
  readonly id = null;
  readonly connection = null;
  private socket: WebSocket | null = null;
  private streams: ReadonlySet<StreamName> = new Set();
  private isOver = false;

  constructor(private readonly options: SocketSessionOptions) {}

  /** Receive these; `false` once it connects, as a socket cannot change what it is sent. */
  want(streams: ReadonlySet<StreamName>): boolean {
    this.streams = streams;
    return this.socket === null;
  }

  /** Open the socket. Rejects with a `MocastError`; then the session is over. */
  async connect(): Promise<void> {
    const { server } = this.options;
    const token = await server.token();
    if (this.isOver) throw new MocastError("lost");
    const socket = new WebSocket(this.url(), token ? ["mocast.bearer", token] : []);
    this.socket = socket;
    socket.addEventListener("message", ({ data }: MessageEvent<string>) => this.receive(data));
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.addEventListener("open", () => resolve(true));
      socket.addEventListener("close", () => resolve(false));
    });
    if (!isOpen) throw this.isOver ? new MocastError("lost") : await this.reason();
    socket.addEventListener("close", ({ code, reason }) => this.onClose(code, reason));
  }

  /** Close the socket. May be called while the page is unloaded, and more than once. */
  close(): void {
    this.isOver = true;
    this.socket?.close();
  }

  private get path(): string {
    return `v1/rooms/${encodeURIComponent(this.options.room)}`;
  }

  private url(): string {
    // A server sends something in any case, and landmarks cost it nothing more than they do already.
    const wanted = [...this.streams, ...(this.options.events?.length ? ["events"] : [])];
    const send = wanted.length > 0 ? wanted.join() : "landmarks";
    const { people = 1 } = this.options;
    const query = `send=${send}${people > 1 ? `&people=${people}` : ""}`;
    const address = this.options.server.url(`${this.path}/landmarks?${query}`);
    const url = new URL(address, globalThis.document?.baseURI);
    url.protocol = url.protocol.replace("http", "ws");
    return url.href;
  }

  /** Why the socket did not open: browsers do not tell, but a call of the same room is refused for the same reason. */
  private async reason(): Promise<MocastError> {
    try {
      await this.options.server.call("GET", this.path);
    } catch (error) {
      const reason = MocastError.from(error);
      // A room that nobody is in is not found, but can be subscribed to.
      if (reason.status !== 404) return reason;
    }
    return new MocastError("unreachable");
  }

  private receive(text: string): void {
    if (this.isOver) return;
    const type = TYPE.exec(text)?.[1];
    const frame = type === "landmarks" ? parseJsonFrame(text) : null;
    if (frame) this.options.onLandmarks?.(frame);
    const rig = type === "rig" ? parseRig(text) : null;
    if (rig) this.options.onRig?.(rig);
    const analysis = type === "analysis" ? parseAnalysis(text) : null;
    if (analysis) this.options.onAnalysis?.(analysis);
    if (type === "event") this.options.onEvent?.((JSON.parse(text) as { event: MotionEvent }).event);
    if (type === "notice") {
      const { notice, detail } = JSON.parse(text) as { notice: string; detail?: string };
      this.options.onNotice?.(notice, detail ?? "");
    }
  }

  private onClose(code: number, reason: string): void {
    if (this.isOver) return;
    this.isOver = true;
    const isEnded = code === GOING_AWAY || code === UNAUTHORIZED;
    const kind = code === POLICY_VIOLATION ? "closed-for-good" : isEnded ? "closed" : "lost";
    this.options.onLost?.(new MocastError(kind, reason));
  }
}
