import workletUrl from "./lipSync.worklet.ts?worker&url";
import type { VowelWeights } from "./VowelClassifier";

/** Listens to a microphone's track and tells its vowels, thirty times a second; `null` while nobody speaks. */
export class LipSync {
  private constructor(
    private readonly context: AudioContext,
    private readonly port: MessagePort,
  ) {}

  /** Rejects where the browser has no audio worklets. */
  static async listen(
    track: MediaStreamTrack,
    onVowels: (vowels: VowelWeights | null) => void,
  ): Promise<LipSync> {
    const context = new AudioContext({ latencyHint: "interactive" });
    try {
      await context.audioWorklet.addModule(workletUrl);
      const node = new AudioWorkletNode(context, "lip-sync", { numberOfOutputs: 0 });
      node.port.addEventListener("message", ({ data }: MessageEvent<VowelWeights | null>) => onVowels(data));
      node.port.start();
      context.createMediaStreamSource(new MediaStream([track])).connect(node);
      await context.resume();
      return new LipSync(context, node.port);
    } catch (error) {
      void context.close();
      throw error;
    }
  }

  close(): void {
    // What was told meanwhile comes no more.
    this.port.close();
    void this.context.close();
  }
}
