/** Hears speech on the audio thread, and tells the page vowels: samples stay here. */
import { Decimator } from "./Decimator";
import { SpeechShapes } from "./SpeechShapes";

declare const sampleRate: number;
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}

/** Formants are below 5 kHz. */
const RATE_HZ = 12_000;
/** Three periods of a deep voice. */
const WINDOW_S = 0.043;
const TELLS_PER_S = 30;

class LipSyncProcessor extends AudioWorkletProcessor {
  private readonly decimator: Decimator;
  private readonly shapes: SpeechShapes;
  private readonly window: Float32Array;
  private readonly every: number;
  private readonly rate: number;
  private count = 0;

  constructor() {
    super();
    const factor = Math.max(Math.round(sampleRate / RATE_HZ), 1);
    this.rate = sampleRate / factor;
    this.decimator = new Decimator(factor);
    this.shapes = new SpeechShapes(this.rate);
    this.window = new Float32Array(Math.round(WINDOW_S * this.rate));
    this.every = Math.round(this.rate / TELLS_PER_S);
  }

  process([input]: Float32Array[][]): boolean {
    const [channel] = input;
    if (channel) this.decimator.push(channel, (sample) => this.take(sample));
    return true;
  }

  private take(sample: number): void {
    this.window.copyWithin(0, 1);
    this.window[this.window.length - 1] = sample;
    if (++this.count < this.every) return;
    this.count = 0;
    this.port.postMessage(this.shapes.next(this.window, this.every / this.rate));
  }
}

registerProcessor("lip-sync", LipSyncProcessor);
