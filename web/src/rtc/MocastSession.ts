/** One session with a Mocast server over plain WebRTC and fetch; usable without the rest of this page. */
import { FrameAssembler } from "../wire/FrameAssembler";
import { parseJsonFrame } from "../wire/parseJsonFrame";
import type { TrackedFrame } from "../wire/TrackedFrame";
import type { Calibration } from "./Calibration";
import { ControlChannel } from "./ControlChannel";
import { Failure } from "./Failure";
import { failureOfResponse } from "./failureOfResponse";
import { gatherIce } from "./gatherIce";
import { parseIceLinks } from "./parseIceLinks";
import type { Settings } from "./Settings";
import type { Statistics } from "./Statistics";
import { settingsQuery } from "./settingsQuery";
import { trickleFragment } from "./trickleFragment";
import { Watchdog } from "./Watchdog";
import { withStartBitrate } from "./withStartBitrate";

/** Host candidates come in milliseconds; a STUN server that does not answer must not hold up the first picture. */
const GATHER_LIMIT_MS = 1000;
const CONNECT_LIMIT_MS = 15_000;
/** What 640x480 at 30 fps needs to be sharp. */
const START_KBPS = 1500;
/** Statistics come once a second, so three missed ones. */
const SILENCE_MS = 3000;

export interface SessionOptions {
  /** Where the server is, without a slash at the end; empty: where the page came from. */
  readonly server?: string;
  readonly room: string;
  /** The camera's video track, or any other. */
  readonly track: MediaStreamTrack;
  readonly settings?: Partial<Settings>;
  /** `false`: only landmarks are wanted, the server encodes nothing. */
  readonly returnVideo?: boolean;
  /** The id of the session that holds the room now and is to be replaced. */
  readonly replace?: string | null;
  /** Use TURN relays only; for tests of the network. */
  readonly relayOnly?: boolean;
  onLandmarks?(frame: TrackedFrame): void;
  /** The annotated picture. */
  onStream?(stream: MediaStream): void;
  onSettings?(settings: Settings): void;
  onStatistics?(statistics: Statistics): void;
  onNotice?(notice: string, detail: string): void;
  /** The session is over and nobody here asked for it; called once, after `connect` resolved. */
  onLost?(failure: Failure): void;
}

export class MocastSession {
  readonly connection: RTCPeerConnection;
  private readonly options: SessionOptions;
  private readonly control: ControlChannel;
  private readonly candidates: RTCIceCandidate[] = [];
  private sender: RTCRtpSender | null = null;
  private watchdog: Watchdog | null = null;
  private location: string | null = null;
  private etag: string | null = null;
  private offerSdp = "";
  private isOver = false;
  private settle: { resolve(): void; reject(failure: Failure): void } | null = null;
  private readonly aborter = new AbortController();

  constructor(options: SessionOptions) {
    this.options = options;
    this.connection = new RTCPeerConnection({
      bundlePolicy: "max-bundle",
      iceTransportPolicy: options.relayOnly ? "relay" : "all",
    });
    this.connection.addEventListener("connectionstatechange", () => this.onConnectionState());
    this.openLandmarks();
    this.control = this.openControl();
  }

  /** The session's id; `null` until the server answered. Whoever has it controls the session. */
  get id(): string | null {
    return this.location?.slice(this.location.lastIndexOf("/") + 1) ?? null;
  }

  /** Offer, answer, and wait until messages flow. Rejects with a `Failure`; then the session is over. */
  async connect(): Promise<void> {
    try {
      const opened = new Promise<void>((resolve, reject) => {
        this.settle = { resolve, reject };
      });
      opened.catch(() => undefined);
      const timer = setTimeout(() => this.end(new Failure("no-path")), CONNECT_LIMIT_MS);
      try {
        // Together: the end must be heard even while the server's answer is on its way.
        await Promise.all([this.negotiate(), opened]);
      } finally {
        clearTimeout(timer);
      }
    } catch (error) {
      const failure = asFailure(error);
      this.end(failure);
      throw failure;
    }
  }

  /** Change settings while live; resolves with all of them, or rejects with the server's reason. */
  change(settings: Partial<Settings>): Promise<Settings> {
    return this.control.change(settings);
  }

  /** Have the person measured, who holds still for so long; rejects with the reason where that cannot be done. */
  calibrate(seconds: number, tPose: boolean): Promise<Calibration | null> {
    return this.control.calibrate(seconds, tPose);
  }

  /** Use what was measured before; `null`: nobody's. */
  setCalibration(calibration: Calibration | null): Promise<void> {
    return this.control.setCalibration(calibration);
  }

  /** Have the rig's messages (docs/wire-format.md) from now on; returns what ends that. Costs nothing while it is off. */
  openRig(onMessage: (message: ArrayBuffer) => void): () => void {
    const channel = this.connection.createDataChannel("rig", {
      ordered: false,
      maxRetransmits: 0,
      protocol: "mocast.rig.v1+binary",
    });
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer>) => {
      if (this.isOver || channel.readyState !== "open") return;
      this.watchdog?.feed();
      onMessage(data);
    });
    return () => channel.close();
  }

  /** Send another camera's picture from now on. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    await this.sender?.replaceTrack(track);
  }

  /** Leave: the server frees the room at once. Safe while the page goes away, and more than once. */
  close(): void {
    if (this.location) {
      fetch(this.location, { method: "DELETE", keepalive: true }).catch(() => undefined);
      this.location = null;
    }
    this.end(null);
  }

  private openLandmarks(): void {
    const channel = this.connection.createDataChannel("landmarks", {
      ordered: false,
      maxRetransmits: 0,
      protocol: "mocast.landmarks.v1+binary",
    });
    channel.binaryType = "arraybuffer";
    const give = (frame: TrackedFrame) => this.options.onLandmarks?.(frame);
    const assembler = new FrameAssembler(give);
    channel.addEventListener("message", ({ data }: MessageEvent<ArrayBuffer | string>) => {
      // What was on its way when the session ended.
      if (this.isOver) return;
      this.watchdog?.feed();
      if (typeof data !== "string") return assembler.add(data);
      const frame = parseJsonFrame(data);
      if (frame) give(frame);
    });
  }

  private openControl(): ControlChannel {
    const channel = this.connection.createDataChannel("control");
    const control = new ControlChannel(channel, {
      onSettings: (settings) => this.options.onSettings?.(settings),
      onStatistics: (statistics) => this.options.onStatistics?.(statistics),
      onNotice: (notice, detail) => this.onNotice(notice, detail),
    });
    channel.addEventListener("open", () => this.onOpen());
    channel.addEventListener("close", () => this.end(new Failure("lost")));
    channel.addEventListener("message", ({ data }: MessageEvent<string>) => {
      if (this.isOver) return;
      this.watchdog?.feed();
      control.receive(data);
    });
    return control;
  }

  private async negotiate(): Promise<void> {
    const { connection, options } = this;
    const wantsVideo = options.returnVideo ?? true;
    const transceiver = connection.addTransceiver(options.track, {
      direction: wantsVideo ? "sendrecv" : "sendonly",
    });
    this.sender = transceiver.sender;
    if (wantsVideo) this.receive(transceiver.receiver);
    connection.addEventListener("icecandidate", ({ candidate }) => this.onCandidate(candidate));

    connection.setConfiguration({ ...connection.getConfiguration(), iceServers: await this.iceServers() });
    await connection.setLocalDescription();
    await gatherIce(connection, GATHER_LIMIT_MS);
    const answer = await this.post(connection.localDescription?.sdp ?? "");
    await connection.setRemoteDescription({ type: "answer", sdp: withStartBitrate(answer, START_KBPS) });
    this.trickle();
  }

  private receive(receiver: RTCRtpReceiver): void {
    // Show each picture when it is there. The second is what older Chromiums call it.
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
    this.options.onStream?.(new MediaStream([receiver.track]));
  }

  private url(query: URLSearchParams | null): string {
    const path = `${this.options.server ?? ""}/v1/rooms/${encodeURIComponent(this.options.room)}/publish`;
    return query ? `${path}?${query}` : path;
  }

  private async iceServers(): Promise<RTCIceServer[]> {
    const response = await this.fetch(this.url(null), { method: "OPTIONS", signal: this.aborter.signal });
    return response.ok ? parseIceLinks(response.headers.get("Link")) : [];
  }

  private async post(offer: string): Promise<string> {
    const { settings, returnVideo, replace } = this.options;
    const query = settingsQuery(settings ?? {});
    if (returnVideo === false) query.set("return", "none");
    if (replace) query.set("replace", replace);
    // What the offer holds; candidates that come while the answer is on its way are trickled.
    this.offerSdp = offer;
    this.candidates.length = 0;
    // Never aborted: the server may have made the session already, and only its answer says which to delete.
    const response = await this.fetch(this.url(query), {
      method: "POST",
      headers: { "Content-Type": "application/sdp" },
      body: offer,
    });
    if (response.status !== 201) throw await failureOfResponse(response);
    const location = response.headers.get("Location");
    if (!location) throw new Failure("refused", "The server's answer names no session.");
    this.location = new URL(location, response.url).href;
    this.etag = response.headers.get("ETag");
    // Closed while the answer was on its way: the server has a session that nobody wants.
    if (this.isOver) this.close();
    return response.text();
  }

  private async fetch(url: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(url, init);
    } catch (error) {
      throw new Failure("unreachable", String(error));
    }
  }

  private onCandidate(candidate: RTCIceCandidate | null): void {
    if (!candidate?.candidate) return;
    this.candidates.push(candidate);
    this.trickle();
  }

  private trickle(): void {
    if (!this.location || this.isOver || this.candidates.length === 0) return;
    const isLast = this.connection.iceGatheringState === "complete";
    const headers: Record<string, string> = { "Content-Type": "application/trickle-ice-sdpfrag" };
    if (this.etag) headers["If-Match"] = this.etag;
    const body = trickleFragment(this.offerSdp, this.candidates.splice(0), isLast);
    // Each candidate is one more way to connect; without it the others are tried.
    fetch(this.location, { method: "PATCH", headers, body }).catch(() => undefined);
  }

  private onOpen(): void {
    if (this.isOver) return;
    this.watchdog = new Watchdog(SILENCE_MS, () => this.end(new Failure("lost")));
    this.settle?.resolve();
    this.settle = null;
  }

  private onConnectionState(): void {
    const state = this.connection.connectionState;
    if (state === "failed") this.end(new Failure(this.settle ? "no-path" : "lost"));
    if (state === "closed") this.end(new Failure("lost"));
  }

  private onNotice(notice: string, detail: string): void {
    this.options.onNotice?.(notice, detail);
    if (notice === "closing") this.end(new Failure("lost", detail));
  }

  /** The end, whoever caused it; `failure` is `null` when it was asked for. */
  private end(failure: Failure | null): void {
    if (this.isOver) return;
    this.isOver = true;
    this.aborter.abort();
    this.watchdog?.stop();
    this.control.abandon();
    this.connection.close();
    if (this.settle) this.settle.reject(failure ?? new Failure("lost"));
    else if (failure) this.options.onLost?.(failure);
    this.settle = null;
  }
}

function asFailure(error: unknown): Failure {
  if (error instanceof Failure) return error;
  return new Failure("refused", error instanceof Error ? error.message : String(error));
}
