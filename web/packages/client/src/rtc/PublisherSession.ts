/** A publisher's session with a Mocast server over WebRTC: sends a camera, receives landmarks, rigs and the annotated picture. */

import type { Calibration } from "../api/Calibration";
import type { AllSettings, Settings, Statistics } from "../api/generated";
import { settingsQuery } from "../api/settingsQuery";
import type { Failure } from "../Failure";
import { FrameAssembler } from "../wire/FrameAssembler";
import { parseJsonFrame } from "../wire/parseJsonFrame";
import type { TrackedFrame } from "../wire/TrackedFrame";
import { RoomConnection } from "./RoomConnection";
import { withStartBitrate } from "./withStartBitrate";

/** What 640x480 at 30 fps needs to be sharp. */
const START_KBPS = 1500;

export interface PublisherSessionOptions {
  /** Where the server is, without a slash at the end; empty: where the page came from. */
  readonly server?: string;
  readonly room: string;
  /** The camera's video track, or any other. */
  readonly track: MediaStreamTrack;
  readonly settings?: Settings;
  /** `false`: only landmarks are wanted, the server encodes nothing. */
  readonly returnVideo?: boolean;
  /** The id of the session that holds the room now and is to be replaced. */
  readonly replace?: string | null;
  /** Use TURN relays only; for tests of the network. */
  readonly relayOnly?: boolean;
  onLandmarks?(frame: TrackedFrame): void;
  /** The annotated picture. */
  onStream?(stream: MediaStream): void;
  onSettings?(settings: AllSettings): void;
  onStatistics?(statistics: Statistics): void;
  onNotice?(notice: string, detail: string): void;
  /** The session ended without `close`; called once, after `connect` resolved. */
  onLost?(failure: Failure): void;
}

export class PublisherSession {
  private readonly options: PublisherSessionOptions;
  private readonly room: RoomConnection;
  private sender: RTCRtpSender | null = null;

  constructor(options: PublisherSessionOptions) {
    this.options = options;
    this.room = new RoomConnection({
      server: options.server,
      room: options.room,
      role: "publish",
      relayOnly: options.relayOnly,
      control: options,
      onLost: (failure) => options.onLost?.(failure),
    });
    this.openLandmarks();
  }

  get connection(): RTCPeerConnection {
    return this.room.peer;
  }

  /** The session's id; `null` until the server answered. Whoever has it controls the session. */
  get id(): string | null {
    return this.room.id;
  }

  /** Offer, answer, and wait until messages flow. Rejects with a `Failure`; then the session is over. */
  async connect(): Promise<void> {
    const { settings, returnVideo, replace } = this.options;
    this.addTrack();
    const query = settingsQuery(settings ?? {});
    query.set("return", returnVideo === false ? "none" : "video");
    if (replace) query.set("replace", replace);
    await this.room.connect(query, (answer) => withStartBitrate(answer, START_KBPS));
  }

  /** Change settings while live; resolves with all of them, or rejects with the server's reason. */
  change(settings: Settings): Promise<AllSettings> {
    return this.room.control.change(settings);
  }

  /** Measure the person, who holds still for so long; rejects with the server's reason where that cannot be done. */
  calibrate(seconds: number, tPose: boolean): Promise<Calibration | null> {
    return this.room.control.calibrate(seconds, tPose);
  }

  /** Use what was measured before; `null`: nobody's. */
  setCalibration(calibration: Calibration | null): Promise<void> {
    return this.room.control.setCalibration(calibration);
  }

  /** Receive the rig's messages (docs/wire-format.md) until the returned function is called. */
  openRig(onMessage: (message: ArrayBuffer) => void): () => void {
    const channel = this.room.openChannel("rig", "mocast.rig.v1+binary", (message) => {
      if (typeof message !== "string") onMessage(message);
    });
    return () => channel.close();
  }

  /** Send another camera's picture from now on. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    await this.sender?.replaceTrack(track);
  }

  /** Close the session; the server frees the room at once. May be called while the page is unloaded, and more than once. */
  close(): void {
    this.room.close();
  }

  private openLandmarks(): void {
    const onFrame = (frame: TrackedFrame) => this.options.onLandmarks?.(frame);
    const assembler = new FrameAssembler(onFrame);
    this.room.openChannel("landmarks", "mocast.landmarks.v1+binary", (message) => {
      if (typeof message !== "string") return assembler.add(message);
      const frame = parseJsonFrame(message);
      if (frame) onFrame(frame);
    });
  }

  private addTrack(): void {
    const wantsVideo = this.options.returnVideo ?? true;
    const transceiver = this.connection.addTransceiver(this.options.track, {
      direction: wantsVideo ? "sendrecv" : "sendonly",
    });
    this.sender = transceiver.sender;
    if (wantsVideo) this.receive(transceiver.receiver);
  }

  private receive(receiver: RTCRtpReceiver): void {
    // Show each picture when it is there. The second is what older Chromiums call it.
    if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
    if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
    this.options.onStream?.(new MediaStream([receiver.track]));
  }
}
