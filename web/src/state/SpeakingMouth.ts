/** Lip sync: the microphone's vowels move the room's avatar. Sound stays on this page. */
import type { SourcePose } from "mocast-client";
import { Failure } from "../Failure";
import type { VowelWeights } from "../speech/VowelClassifier";
import { Microphone } from "./Microphone";
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
  readonly failure = new Store<Failure | null>(null);
  /** What is heard; `null` while nobody speaks. */
  readonly vowels = new Store<VowelWeights | null>(null);
  private readonly microphone: Microphone;
  private listener: Listener | null = null;

  /** `send`: to the room, as the source `microphone`. */
  constructor(
    private readonly send: (pose: SourcePose) => void,
    open?: () => Promise<MediaStreamTrack>,
    private readonly listen: Listen = listenHere,
  ) {
    this.microphone = new Microphone(
      (track) => void this.follow(track),
      (failure) => this.failure.set(failure),
      open,
    );
  }

  get state(): Microphone["state"] {
    return this.microphone.state;
  }

  /** Ask for the microphone, which the browser does of the person the first time, and listen. */
  switchOn(): Promise<void> {
    this.failure.set(null);
    return this.microphone.switchOn();
  }

  /** Listen no more, and let go of the microphone. */
  switchOff(): void {
    this.microphone.switchOff();
  }

  /** Listen to this track from now on; `null`: to none. */
  private async follow(track: MediaStreamTrack | null): Promise<void> {
    this.listener?.close();
    this.listener = null;
    this.onVowels(null);
    if (!track) return;
    try {
      const listener = await this.listen(track, (vowels) => this.onVowels(vowels));
      if (track === this.microphone.track) this.listener = listener;
      else listener.close();
    } catch (error) {
      if (track !== this.microphone.track) return;
      this.switchOff();
      this.failure.set(Failure.from(error, "microphone-failed"));
    }
  }

  private onVowels(vowels: VowelWeights | null): void {
    // The mouth is shut once, then it is the camera's until somebody speaks again.
    if (vowels) this.send({ expressions: { ...vowels } });
    else if (this.vowels.value) this.send(SHUT);
    this.vowels.set(vowels);
  }
}
