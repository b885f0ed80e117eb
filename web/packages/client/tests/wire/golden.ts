/** Reads the golden files of the wire format, the same that the server's tests read. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseJsonFrame } from "../../src/wire/parseJsonFrame";
import type { TrackedFrame } from "../../src/wire/TrackedFrame";

const FOLDER = fileURLToPath(new URL("../../../../../tests/golden/", import.meta.url));

export interface GoldenPart {
  image?: (number[] | null)[];
  world?: (number[] | null)[];
  visibility?: (number | null)[];
}

export interface GoldenFrame {
  frame: number;
  pts: number;
  person: number;
  size_wh: [number, number];
  mirrored: boolean;
  tracking_ms: number;
  delay_ms: number;
  is_complete: boolean;
  pose: GoldenPart | null;
  face: GoldenPart | null;
  left_hand: GoldenPart | null;
  right_hand: GoldenPart | null;
}

export interface GoldenRig {
  frame: number;
  pts: number;
  person: number;
  delay_ms: number;
  hips: number[];
  rotations: number[][];
  shapes: number[];
  expressions: number[];
  gaze_deg: number[];
  found: { body: boolean; face: boolean; left_hand: boolean; right_hand: boolean; half_body: boolean };
  head: { position: number[]; rotation: number[] } | null;
  planted: boolean[];
  hand_targets: { offsets: number[][][]; nearness: number[][]; touching: number[][] };
}

export interface GoldenAnalysis {
  frame: number;
  pts: number;
  person: number;
  delay_ms: number;
  /** By their keys, each in the order of the names. */
  angles: Record<string, (number | boolean | null)[]> | null;
  symmetry: Record<string, (number | null)[]> | null;
  others: Record<string, unknown>;
}

export const golden = {
  analysisNames: readdirSync(FOLDER)
    .filter((name) => name.startsWith("analysis-") && name.endsWith(".bin"))
    .map((name) => name.slice(0, -4)),

  /** What a reader must get out of the analysis's bytes. */
  decodedAnalysis(name: string): GoldenAnalysis {
    return JSON.parse(readFileSync(`${FOLDER}${name}.json`, "utf8")).decoded;
  },

  rigNames: readdirSync(FOLDER)
    .filter((name) => /^rig2?-.*\.bin$/.test(name))
    .map((name) => name.slice(0, -4)),

  /** What a reader must get out of the rig's bytes. */
  decodedRig(name: string): GoldenRig {
    return JSON.parse(readFileSync(`${FOLDER}${name}.json`, "utf8")).decoded;
  },

  binaryNames: readdirSync(FOLDER)
    .filter((name) => name.startsWith("landmarks-") && name.endsWith(".bin"))
    .map((name) => name.slice(0, -4)),

  textNames: readdirSync(FOLDER)
    .filter((name) => name.startsWith("landmarks-") && name.endsWith(".text.json"))
    .map((name) => name.slice(0, -".text.json".length)),

  /** The messages of a case: each is behind its length as a little-endian u16. */
  messages(name: string): ArrayBuffer[] {
    const file = readFileSync(`${FOLDER}${name}.bin`);
    const messages: ArrayBuffer[] = [];
    for (let at = 0; at < file.length; ) {
      const length = file.readUInt16LE(at);
      messages.push(new Uint8Array(file.subarray(at + 2, at + 2 + length)).buffer);
      at += 2 + length;
    }
    return messages;
  },

  decoded(name: string): GoldenFrame {
    return JSON.parse(readFileSync(`${FOLDER}${name}.json`, "utf8")).decoded;
  },

  text(name: string): string {
    return readFileSync(`${FOLDER}${name}.text.json`, "utf8");
  },

  /** The frame of a case's text. */
  frame(name: string): TrackedFrame {
    return parseJsonFrame(golden.text(name))!;
  },
};
