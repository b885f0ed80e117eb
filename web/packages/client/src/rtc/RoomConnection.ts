import { errorFromResponse } from "../api/errorFromResponse";
import { MocastError } from "../MocastError";
import type { Server } from "../Server";
import { ControlChannel, type ControlHandlers } from "./ControlChannel";
import { gatherIce } from "./gatherIce";
import { parseIceLinks } from "./parseIceLinks";
import { trickleFragment } from "./trickleFragment";
import { Watchdog } from "./Watchdog";

/** Host candidates come in milliseconds; a STUN server that does not answer must not hold up the first picture. */
const GATHER_LIMIT_MS = 1000;
/** A server that has time answers an offer in a fraction of a second; one that is starting may compile networks meanwhile. */
const ANSWER_LIMIT_MS = 30_000;
/** From the answer until messages flow. */
const CONNECT_LIMIT_MS = 15_000;
/** A server that answers HTTP within this answers connectivity checks as soon, where they get through to it. */
const PROMPT_MS = 2000;
/** Statistics come once a second, so three missed ones. */
const SILENCE_MS = 3000;

export interface RoomConnectionOptions {
  readonly server: Server;
  readonly room: string;
  /** Whether it brings the room's picture or watches it. */
  readonly role: "publish" | "subscribe";
  /** Use TURN relays only; for tests of the network. */
  readonly relayOnly?: boolean;
  readonly control: ControlHandlers;
  /** The connection ended without `close`; called once, after `connect` resolved. */
  onLost?(error: MocastError): void;
}

/**
 * A WebRTC connection with a room of the server: offer and answer, candidates, control channel, watchdog and end. Tracks and
 * other channels are added by the session that owns it.
 */
export class RoomConnection {
  readonly peer: RTCPeerConnection;
  readonly control: ControlChannel;
  private readonly options: RoomConnectionOptions;
  private readonly candidates: RTCIceCandidate[] = [];
  private watchdog: Watchdog | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private location: string | null = null;
  private etag: string | null = null;
  private offerSdp = "";
  private isOver = false;
  /** Whether the server said that a limit ends the session: another one would reach it, too. */
  private isAtLimit = false;
  private settle: { resolve(): void; reject(error: MocastError): void } | null = null;
  private readonly aborter = new AbortController();

  constructor(options: RoomConnectionOptions) {
    this.options = options;
    this.peer = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceTransportPolicy: options.relayOnly ? "relay" : "all",
    });
    this.peer.addEventListener("connectionstatechange", () => this.onConnectionState());
    this.peer.addEventListener("icecandidate", ({ candidate }) => this.onCandidate(candidate));
    this.control = this.openControl();
  }

  /** The session's id; `null` until the server answered. Whoever has it controls the session. */
  get id(): string | null {
    return this.location?.slice(this.location.lastIndexOf("/") + 1) ?? null;
  }

  /**
   * Offer, answer, and wait until messages flow. Rejects with a `MocastError`; then the connection is over.
   *
   * `adjust` may change the server's SDP answer.
   */
  async connect(
    query: URLSearchParams,
    adjust: (answer: string) => string = (answer) => answer,
  ): Promise<void> {
    try {
      const opened = new Promise<void>((resolve, reject) => {
        this.settle = { resolve, reject };
      });
      opened.catch(() => undefined);
      this.limit(ANSWER_LIMIT_MS, () => this.end(tooLate()));
      try {
        // Together: the connection may end while the server's answer is on its way.
        await Promise.all([this.negotiate(query, adjust), opened]);
      } finally {
        clearTimeout(this.timer);
      }
    } catch (error) {
      const failure = MocastError.from(error);
      this.end(failure);
      throw failure;
    }
  }

  /** Open an unreliable data channel: unordered, without resends. */
  openChannel(
    label: string,
    protocol: string,
    onMessage: (message: ArrayBuffer | string) => void,
  ): RTCDataChannel {
    const channel = this.peer.createDataChannel(label, { ordered: false, maxRetransmits: 0, protocol });
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer | string>) => {
      // It was on its way when the connection ended.
      if (this.isOver || channel.readyState !== "open") return;
      this.watchdog?.feed();
      onMessage(data);
    });
    return channel;
  }

  /** Close the session; the server frees its place at once. May be called while the page is unloaded, and more than once. */
  close(): void {
    if (this.location) {
      this.options.server.fetch(this.location, { method: "DELETE", keepalive: true }).catch(() => undefined);
      this.location = null;
    }
    this.end(null);
  }

  private openControl(): ControlChannel {
    const channel = this.peer.createDataChannel("control");
    const { control: handlers } = this.options;
    const control = new ControlChannel(channel, {
      ...handlers,
      onNotice: (notice, detail) => {
        handlers.onNotice?.(notice, detail);
        if (notice === "limit") this.isAtLimit = true;
        if (notice === "closing")
          this.end(new MocastError(this.isAtLimit ? "closed-for-good" : "closed", detail));
      },
    });
    channel.addEventListener("open", () => this.onOpen());
    channel.addEventListener("close", () => this.end(new MocastError("lost")));
    channel.addEventListener("message", ({ data }: MessageEvent<string>) => {
      if (this.isOver) return;
      this.watchdog?.feed();
      control.receive(data);
    });
    return control;
  }

  private async negotiate(query: URLSearchParams, adjust: (answer: string) => string): Promise<void> {
    const { peer } = this;
    peer.setConfiguration({ ...peer.getConfiguration(), iceServers: await this.iceServers() });
    await peer.setLocalDescription();
    await gatherIce(peer, GATHER_LIMIT_MS);
    const answer = await this.post(peer.localDescription?.sdp ?? "", query);
    this.limit(CONNECT_LIMIT_MS, () => void this.endUnopened());
    await peer.setRemoteDescription({ type: "answer", sdp: adjust(answer) });
    this.trickle();
  }

  private limit(afterMs: number, end: () => void): void {
    clearTimeout(this.timer);
    if (!this.isOver) this.timer = setTimeout(end, afterMs);
  }

  /** End what did not come up, and say whether the server has no time or nothing gets through to it. */
  private async endUnopened(): Promise<void> {
    const hasPath = ["connected", "completed"].includes(this.peer.iceConnectionState);
    const error = hasPath ? tooLate() : await this.lackOfPath();
    // Else it came up meanwhile.
    if (this.settle) this.end(error);
  }

  private lackOfPath(): Promise<MocastError> {
    const late = new Promise<MocastError>((resolve) => setTimeout(() => resolve(tooLate()), PROMPT_MS));
    const answered = this.iceServers().then(
      () => new MocastError("no-path"),
      (error) => MocastError.from(error),
    );
    return Promise.race([answered, late]);
  }

  private get path(): string {
    const { room, role } = this.options;
    return `v1/rooms/${encodeURIComponent(room)}/${role}`;
  }

  private async iceServers(): Promise<RTCIceServer[]> {
    const response = await this.options.server.fetch(this.path, {
      method: "OPTIONS",
      signal: this.aborter.signal,
    });
    return response.ok ? parseIceLinks(response.headers.get("Link")) : [];
  }

  private async post(offer: string, query: URLSearchParams): Promise<string> {
    // What the offer holds; candidates that come while the answer is on its way are trickled.
    this.offerSdp = offer;
    this.candidates.length = 0;
    const search = query.toString();
    // Never aborted: the server may have made the session already, and only its answer says which to delete.
    const response = await this.options.server.fetch(search ? `${this.path}?${search}` : this.path, {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: offer,
    });
    if (response.status !== 201) throw await errorFromResponse(response);
    const location = response.headers.get("Location");
    if (!location) throw new MocastError("refused", "The server's answer names no session.");
    this.location = new URL(location, response.url).href;
    this.etag = response.headers.get("ETag");
    // Closed while the answer was on its way: the server has a session that nobody wants.
    if (this.isOver) this.close();
    return response.text();
  }

  private onCandidate(candidate: RTCIceCandidate | null): void {
    if (!candidate?.candidate) return;
    this.candidates.push(candidate);
    this.trickle();
  }

  private trickle(): void {
    if (!this.location || this.isOver || this.candidates.length === 0) return;
    const isLast = this.peer.iceGatheringState === "complete";
    const headers: Record<string, string> = { "Content-Type": "application/trickle-ice-sdpfrag" };
    if (this.etag) headers["If-Match"] = this.etag;
    const body = trickleFragment(this.offerSdp, this.candidates.splice(0), isLast);
    // Each candidate is one more way to connect; without it the others are tried.
    this.options.server.fetch(this.location, { method: "PATCH", headers, body }).catch(() => undefined);
  }

  private onOpen(): void {
    if (this.isOver) return;
    this.watchdog = new Watchdog(SILENCE_MS, () => this.end(new MocastError("lost")));
    this.settle?.resolve();
    this.settle = null;
  }

  private onConnectionState(): void {
    const state = this.peer.connectionState;
    if (state === "failed" && this.settle) void this.endUnopened();
    else if (state === "failed") this.end(new MocastError("lost"));
    if (state === "closed") this.end(new MocastError("lost"));
  }

  /** End the connection, for whatever reason; `error` is `null` for `close`. */
  private end(error: MocastError | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.aborter.abort();
    this.watchdog?.stop();
    this.control.abandon();
    this.peer.close();
    if (this.settle) this.settle.reject(error ?? new MocastError("lost"));
    else if (error) this.options.onLost?.(error);
    this.settle = null;
  }
}

function tooLate(): MocastError {
  return new MocastError(
    "server-full",
    "It answers too late: it is starting, or has more to do than it has time for.",
  );
}
