/** Lip sync: the microphone's vowels move the room's avatar. Sound stays on this page. */
import type { SourcePose } from "mocast-client";
import { openMicrophone } from "../capture/openMicrophone";
import { Failure } from "../Failure";
import type { VowelWeights } from "../speech/VowelClassifier";
import { Store } from "./Store";

/** What hears vowels in a microphone's track. */
export interface Listener {
  close(): void;
}

export type Listen = (
  track: MediaStreamTrack,
  onVowels: (vowels: VowelWeights | null) => void,
) => Promise<Listener>;

/** The code that listens, loaded when it is first wanted. */
const listenHere: Listen = async (track, onVowels) => {
  const { LipSync } = await import("../speech/LipSync");
  return LipSync.listen(track, onVowels);
};

const SHUT: SourcePose = { expressions: { aa: 0, ih: 0, ou: 0, ee: 0, oh: 0 } };

export class SpeakingMouth {
  readonly state = new Store<"off" | "opening" | "on">("off");
  readonly failure = new Store<Failure | null>(null);
  /** What is heard; `null` while nobody speaks. */
  readonly vowels = new Store<VowelWeights | null>(null);
  private track: MediaStreamTrack | null = null;
  private listener: Listener | null = null;

  /** `send`: to the room, as the source `microphone`. */
  constructor(
    private readonly send: (pose: SourcePose) => void,
    private readonly open: () => Promise<MediaStreamTrack> = openMicrophone,
    private readonly listen: Listen = listenHere,
  ) {}

  /** Ask for the microphone, which the browser does of the person the first time, and listen. */
  async switchOn(): Promise<void> {
    if (this.state.value !== "off") return;
    this.failure.set(null);
    this.state.set("opening");
    try {
      const track = await this.open();
      // Switched off again while the browser asked. The type narrows what may have changed since.
      if ((this.state.value as string) !== "opening") return track.stop();
      this.track = track;
      const listener = await this.listen(track, (vowels) => this.onVowels(vowels));
      if ((this.state.value as string) !== "opening") return listener.close();
      this.listener = listener;
      track.addEventListener("ended", () => this.onEnded(track));
      this.state.set("on");
    } catch (error) {
      if ((this.state.value as string) !== "opening") return;
      this.switchOff();
      this.failure.set(Failure.from(error, "microphone-failed"));
    }
  }

  /** Listen no more, and let go of the microphone. */
  switchOff(): void {
    this.state.set("off");
    this.listener?.close();
    this.track?.stop();
    this.listener = this.track = null;
    this.onVowels(null);
  }

  private onVowels(vowels: VowelWeights | null): void {
    // The mouth is shut once, then it is the camera's until somebody speaks again.
    if (vowels) this.send({ expressions: { ...vowels } });
    else if (this.vowels.value) this.send(SHUT);
    this.vowels.set(vowels);
  }

  private onEnded(track: MediaStreamTrack): void {
    if (this.track !== track) return;
    this.switchOff();
    this.failure.set(new Failure("microphone-lost"));
  }
}
