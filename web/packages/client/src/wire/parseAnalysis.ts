import { analysisNames } from "../model/generated";
import type { AnalysisFrame } from "./AnalysisFrame";

/** Version 1 of the binary message: docs/wire-format.md. */
const VERSION = 1;
const HEADER_BYTES = 16;
const ANGLE_BYTES = 10;
const PAIR_BYTES = 4;
const UNKNOWN = -32768;
const UNKNOWN_ERROR = 255;

const text = new TextDecoder();

/** The analysis in a message of the binary format, or in a text of the JSON one; `null` for any other. */
export function parseAnalysis(message: ArrayBuffer | string): AnalysisFrame | null {
  try {
    return typeof message === "string" ? parseText(message) : parseBytes(message);
  } catch {
    // Cut short, or no JSON.
    return null;
  }
}

function parseText(message: string): AnalysisFrame | null {
  const { type, version, ...analysis } = JSON.parse(message);
  return type === "analysis" && version === VERSION ? analysis : null;
}

function parseBytes(message: ArrayBuffer): AnalysisFrame | null {
  const view = new DataView(message);
  if (view.getUint8(0) !== VERSION) return null;
  const names = (given: readonly string[], count: number) => (count ? given.slice(0, count) : null);
  const angles = names(analysisNames.angles, view.getUint8(12));
  const pairs = names(analysisNames.pairs, view.getUint8(13));
  const pairsAt = HEADER_BYTES + view.getUint8(12) * ANGLE_BYTES;
  const othersAt = pairsAt + view.getUint8(13) * PAIR_BYTES;
  return {
    frame: view.getUint32(4, true),
    pts: view.getUint32(8, true),
    person: view.getUint8(1),
    delay_ms: view.getUint16(2, true),
    angles: table(angles, HEADER_BYTES, ANGLE_BYTES, (at) => readAngle(view, at)),
    symmetry: table(pairs, pairsAt, PAIR_BYTES, (at) => readPair(view, at)),
    ...JSON.parse(text.decode(new Uint8Array(message, othersAt))),
  };
}

function table<Row>(
  names: readonly string[] | null,
  at: number,
  size: number,
  read: (at: number) => Row,
): Record<string, Row> | null {
  return names && Object.fromEntries(names.map((name, row) => [name, read(at + row * size)]));
}

function readAngle(view: DataView, at: number) {
  const error = view.getUint8(at + 8);
  return {
    degrees: number(view, at, 100),
    speed_deg_s: number(view, at + 2, 10),
    lowest_deg: number(view, at + 4, 100),
    highest_deg: number(view, at + 6, 100),
    error_deg: error === UNKNOWN_ERROR ? null : error / 2,
    faces_camera: view.getUint8(at + 9) !== 0,
  };
}

function readPair(view: DataView, at: number) {
  return { difference_deg: number(view, at, 100), range_percent: number(view, at + 2, 100) };
}

function number(view: DataView, at: number, steps: number): number | null {
  const value = view.getInt16(at, true);
  return value === UNKNOWN ? null : value / steps;
}
