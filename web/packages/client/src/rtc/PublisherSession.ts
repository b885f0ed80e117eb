/** A publisher's session with a Mocast server over WebRTC: sends a camera, receives landmarks, rigs and the annotated picture. */

import type { Settings } from "../api/generated";
import { settingsQuery } from "../api/settingsQuery";
import type { PoseSource, SourcePose } from "../wire/SourcePose";
import type { ControlChannel } from "./ControlChannel";
import { cameraBitrate } from "./cameraBitrate";
import { RtcSession, type RtcSessionOptions } from "./RtcSession";
import { receiveVideo } from "./receiveVideo";
import { withStartBitrate } from "./withStartBitrate";

/** What 640x480 at 30 fps needs to be sharp. */
const START_KBPS = 1500;
const POSES = "mocast.pose.v1+json";
const MOST_BUFFERED_BYTES = 8192;

export interface PublisherSessionOptions extends RtcSessionOptions {
  /** The camera's video track, or any other. */
  readonly track: MediaStreamTrack;
  /** A microphone's track, or `null` for none yet: see `replaceAudio`. Left out: there will be none. */
  readonly audio?: MediaStreamTrack | null;
  readonly settings?: Settings;
  /** The id of the session that holds the room now and is to be replaced. */
  readonly replace?: string | null;
  /** What this camera is for, beside another of the room's; left out: it is the room's. */
  readonly part?: "all" | "face" | "body";
  /** Makes the sender's encoded transform (`RTCRtpScriptTransform`); `null`: none. */
  transform?(): RTCRtpScriptTransform | null;
}

export class PublisherSession extends RtcSession<PublisherSessionOptions> {
  private sender: RTCRtpSender | null = null;
  private audioSender: RTCRtpSender | null = null;
  private readonly inputs = new Map<PoseSource, RTCDataChannel>();

  /** Frames a second that the server has time for; `null`: all that the camera has. */
  private mostFps: number | null = null;

  constructor(options: PublisherSessionOptions) {
    super("publish", options);
  }

  override async connect(): Promise<void> {
    const { settings, replace, part } = this.options;
    this.addTrack();
    const query = settingsQuery(settings ?? {});
    if (replace) query.set("replace", replace);
    if (part) query.set("part", part);
    await this.room.connect(query, (answer) => withStartBitrate(answer, START_KBPS));
  }

  /** Commands of the session, and what the server answers. */
  get control(): ControlChannel {
    return this.room.control;
  }

  /** Feed the room's mixer with a source's pose; one that the connection is too slow for is dropped. */
  sendPose(source: PoseSource, pose: SourcePose): void {
    let channel = this.inputs.get(source);
    if (!channel) {
      channel = this.room.openChannel(source, POSES, () => undefined);
      this.inputs.set(source, channel);
    }
    if (channel.readyState === "open" && channel.bufferedAmount < MOST_BUFFERED_BYTES)
      channel.send(JSON.stringify({ type: "pose", version: 1, ...pose }));
  }

  /** Send another camera's picture from now on. */
  async replaceTrack(track: MediaStreamTrack): Promise<void> {
    const { sender } = this;
    if (!sender) return;
    await sender.replaceTrack(track);
    await this.setEncoding({ maxBitrate: cameraBitrate(track.getSettings()), ...this.frameRate() });
  }

  /** Send another microphone's sound from now on, or none. */
  async replaceAudio(track: MediaStreamTrack | null): Promise<void> {
    await this.audioSender?.replaceTrack(track);
  }

  /** Send no frames that the server would drop: encoding, sending and decoding them slows down all that share its machine. */
  protected override onFrameRate(fps: number | null): void {
    super.onFrameRate(fps);
    this.mostFps = fps;
    // A browser that cannot sends all of them, and the server drops what it has no time for.
    this.setEncoding(this.frameRate()).catch(() => undefined);
  }

  private frameRate(): RTCRtpEncodingParameters {
    return { maxFramerate: this.mostFps ?? undefined };
  }

  private async setEncoding(changes: RTCRtpEncodingParameters): Promise<void> {
    const { sender } = this;
    if (!sender) return;
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings) {
      Object.assign(encoding, changes);
      if (encoding.maxFramerate === undefined) delete encoding.maxFramerate;
    }
    await sender.setParameters(parameters);
  }

  private addTrack(): void {
    // Both ways in any case, as `return` may change while it lives.
    const { track } = this.options;
    const sendEncodings = [{ maxBitrate: cameraBitrate(track.getSettings()) }];
    const transceiver = this.connection.addTransceiver(track, { direction: "sendrecv", sendEncodings });
    this.sender = transceiver.sender;
    const transform = this.options.transform?.();
    if (transform) this.sender.transform = transform;
    this.options.onStream?.(receiveVideo(transceiver.receiver));
    const { audio } = this.options;
    if (audio !== undefined)
      this.audioSender = this.connection.addTransceiver(audio ?? "audio", { direction: "sendonly" }).sender;
  }
}
