import { topology } from "../model/topology";
import type { Face, Hand, Pose, TrackedFrame } from "./TrackedFrame";

const VERSION = 1;
const HEADER_BYTES = 20;
const SECTION_BYTES = 4;
const XYZ_BYTES = 6;
/** Bits of the flags. */
const MIRRORED = 1;
const LEFT_UNSURE = 2;
const RIGHT_UNSURE = 4;
/** The high four bits of the flags are the person's index. */
const PERSON_SHIFT = 4;
/** Steps of a coordinate: docs/wire-format.md. */
const UNITS = 8192;

const POSE_IMAGE = 1;
const POSE_WORLD = 2;
const POSE_VISIBILITY = 3;
const FACE_IMAGE = 4;
const LEFT_IMAGE = 5;
const LEFT_WORLD = 6;
const RIGHT_IMAGE = 7;
const RIGHT_WORLD = 8;

/** How many landmarks each kind of section may hold, by kind. */
const COUNTS = [
  0,
  topology.POSE_COUNT,
  topology.POSE_COUNT,
  topology.POSE_COUNT,
  topology.FACE_COUNT,
  topology.HAND_COUNT,
  topology.HAND_COUNT,
  topology.HAND_COUNT,
  topology.HAND_COUNT,
];

/**
 * Puts one person's frame together from its binary messages (docs/wire-format.md), in whatever order they come.
 *
 * It never throws, whatever the bytes: it leaves out what it cannot read.
 */
export class BinaryFrameParser {
  readonly frame: number;
  readonly person: number;
  private readonly header: DataView;
  private readonly messageCount: number;
  private readonly arrived = new Set<number>();
  private readonly arrays: (Float32Array | undefined)[] = [];

  private constructor(header: DataView) {
    this.header = header;
    this.frame = header.getUint32(4, true);
    this.person = header.getUint8(2) >> PERSON_SHIFT;
    this.messageCount = header.getUint8(3) >> 4;
  }

  /** A parser for the frame that this message is of, not yet filled; `null` where the message has no readable header. */
  static of(message: ArrayBuffer): BinaryFrameParser | null {
    const view = readable(message);
    return view && new BinaryFrameParser(view);
  }

  /** Read a message; one of another frame changes nothing. */
  add(message: ArrayBuffer): void {
    const view = readable(message);
    if (!view || !this.isSameFrame(view)) return;
    this.arrived.add(view.getUint8(3) & 15);
    this.readSections(view);
  }

  get isComplete(): boolean {
    for (let number = 0; number < this.messageCount; number += 1) if (!this.arrived.has(number)) return false;
    return true;
  }

  build(): TrackedFrame {
    const { header } = this;
    return {
      frame: this.frame,
      pts: header.getUint32(8, true),
      person: this.person,
      width: header.getUint16(12, true),
      height: header.getUint16(14, true),
      mirrored: (header.getUint8(2) & MIRRORED) !== 0,
      trackingMs: header.getUint16(16, true) / 10,
      delayMs: header.getUint16(18, true),
      isComplete: this.isComplete,
      pose: this.pose(),
      face: this.face(),
      leftHand: this.hand(LEFT_IMAGE, LEFT_WORLD, LEFT_UNSURE),
      rightHand: this.hand(RIGHT_IMAGE, RIGHT_WORLD, RIGHT_UNSURE),
    };
  }

  private isSameFrame(view: DataView): boolean {
    for (let at = 0; at < HEADER_BYTES; at += 1) {
      if (at !== 3 && view.getUint8(at) !== this.header.getUint8(at)) return false;
    }
    return true;
  }

  private readSections(view: DataView): void {
    let at = HEADER_BYTES;
    while (at + SECTION_BYTES <= view.byteLength) {
      const kind = view.getUint8(at);
      const count = view.getUint8(at + 1);
      const first = view.getUint16(at + 2, true);
      at += SECTION_BYTES;
      const size = kind === POSE_VISIBILITY ? count : count * XYZ_BYTES;
      // The size of an unknown kind is unknown, so nothing behind it can be found.
      if (!COUNTS[kind] || first + count > COUNTS[kind] || at + size > view.byteLength) return;
      if (kind === POSE_VISIBILITY) this.readVisibility(view, at, first, count);
      else this.readLandmarks(view, at, kind, first, count);
      at += size;
    }
  }

  private readVisibility(view: DataView, at: number, first: number, count: number): void {
    const into = this.array(POSE_VISIBILITY, 1);
    for (let i = 0; i < count; i += 1) into[first + i] = view.getUint8(at + i) / 255;
  }

  private readLandmarks(view: DataView, at: number, kind: number, first: number, count: number): void {
    const into = this.array(kind, 3);
    for (let i = 0; i < count * 3; i += 1) into[first * 3 + i] = view.getInt16(at + i * 2, true) / UNITS;
  }

  private array(kind: number, columns: number): Float32Array {
    this.arrays[kind] ??= lost(kind, columns);
    return this.arrays[kind];
  }

  private pose(): Pose | null {
    const [, image, world, visibility] = this.arrays;
    if (!image && !world && !visibility) return null;
    return {
      image: image ?? lost(POSE_IMAGE, 3),
      world: world ?? lost(POSE_WORLD, 3),
      visibility: visibility ?? lost(POSE_VISIBILITY, 1),
    };
  }

  private face(): Face | null {
    const image = this.arrays[FACE_IMAGE];
    return image ? { image } : null;
  }

  private hand(imageKind: number, worldKind: number, unsure: number): Hand | null {
    const image = this.arrays[imageKind];
    const world = this.arrays[worldKind];
    if (!image && !world) return null;
    return {
      image: image ?? lost(imageKind, 3),
      world: world ?? lost(worldKind, 3),
      score: Number.NaN,
      isSure: (this.header.getUint8(2) & unsure) === 0,
    };
  }
}

function readable(message: ArrayBuffer): DataView | null {
  if (message.byteLength < HEADER_BYTES) return null;
  const view = new DataView(message);
  return view.getUint8(0) === VERSION ? view : null;
}

function lost(kind: number, columns: number): Float32Array {
  return new Float32Array(COUNTS[kind] * columns).fill(Number.NaN);
}
