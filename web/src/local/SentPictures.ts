import type { SentPicture } from "./SentPicture";

/** At 30 fps four seconds, more than landmarks take. */
const CAPACITY = 128;

/** The last pictures that were sent, by their RTP timestamps. */
export class SentPictures {
  private readonly pictures = new Map<number, SentPicture>();

  add(sent: readonly SentPicture[]): void {
    for (const picture of sent) {
      this.pictures.set(picture.rtpTimestamp, picture);
      if (this.pictures.size > CAPACITY) this.pictures.delete(this.pictures.keys().next().value as number);
    }
  }

  /** The picture that was sent under an RTP timestamp, which may be beyond its 32 bits; `null`: unknown. */
  find(rtpTimestamp: number): SentPicture | null {
    return this.pictures.get(rtpTimestamp >>> 0) ?? null;
  }

  clear(): void {
    this.pictures.clear();
  }
}
