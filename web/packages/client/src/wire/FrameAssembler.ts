import { BinaryFrameParser } from "./BinaryFrameParser";
import { parseJsonFrame } from "./parseJsonFrame";
import type { TrackedFrame } from "./TrackedFrame";

/**
 * Puts frames together from a channel's messages as they come, unordered and with losses; each person's by themselves.
 *
 * A frame is emitted with its last message, or incomplete when a later frame of the same person begins before that.
 * Messages of frames that were emitted are ignored, so each person's frame numbers only grow. One assembler serves one
 * session.
 */
export class FrameAssembler {
  private readonly people = new Map<number, PersonAssembler>();

  constructor(private readonly onFrame: (frame: TrackedFrame) => void) {}

  /** A message of the binary format, or a text of the JSON one, which is a whole frame. */
  add(message: ArrayBuffer | string): void {
    if (typeof message === "string") {
      const frame = parseJsonFrame(message);
      if (frame) this.onFrame(frame);
      return;
    }
    const starting = BinaryFrameParser.of(message);
    if (!starting) return;
    let person = this.people.get(starting.person);
    if (!person) {
      person = new PersonAssembler(this.onFrame);
      this.people.set(starting.person, person);
    }
    person.add(starting, message);
  }
}

/** The frame of one person that is put together at present. */
class PersonAssembler {
  private building: BinaryFrameParser | null = null;
  private isEmitted = true;

  constructor(private readonly onFrame: (frame: TrackedFrame) => void) {}

  /** `starting`: a parser of the message's frame, not yet filled. */
  add(starting: BinaryFrameParser, message: ArrayBuffer): void {
    if (!this.building || ahead(starting.frame, this.building.frame) > 0) {
      this.emit();
      this.building = starting;
      this.isEmitted = false;
    } else if (starting.frame !== this.building.frame || this.isEmitted) {
      return;
    }
    this.building.add(message);
    if (this.building.isComplete) this.emit();
  }

  private emit(): void {
    if (this.building && !this.isEmitted) this.onFrame(this.building.build());
    this.isEmitted = true;
  }
}

/** How far a number modulo 2³² is ahead of another; negative when it is behind. */
function ahead(number: number, of: number): number {
  return (number - of) | 0;
}
