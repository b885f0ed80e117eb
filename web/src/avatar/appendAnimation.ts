/** How a node of a file moves. */
export interface Track {
  /** The node's index in the file. */
  readonly node: number;
  readonly path: "rotation" | "translation" | "weights";
  /** Of all key frames one after the other: 4, 3 or as many numbers as the node's mesh has morph targets. */
  readonly values: Float32Array;
}

const MAGIC = 0x46546c67;
const [JSON_CHUNK, BIN_CHUNK] = [0x4e4f534a, 0x004e4942];
const FLOAT = 5126;
const TYPES = { rotation: ["VEC4", 4], translation: ["VEC3", 3], weights: ["SCALAR", 1] } as const;

/** What is read and added to of a glTF's JSON; all else stays as it is. */
interface Document {
  buffers?: { byteLength: number }[];
  bufferViews?: { buffer: number; byteOffset: number; byteLength: number }[];
  accessors?: object[];
  animations?: object[];
}

/**
 * A binary glTF with an animation before those that it has; everything else in it, its extensions too, stays as it is.
 *
 * Source: https://registry.khronos.org/glTF/specs/2.0/glTF-2.0.html. `timesS`: of the key frames, rising. Throws an `Error`
 * where the file is damaged.
 */
export function appendAnimation(
  glb: ArrayBuffer,
  name: string,
  timesS: Float32Array,
  tracks: readonly Track[],
): ArrayBuffer {
  const { document, binary } = read(glb);
  const start = align(binary.byteLength);
  const arrays = [timesS, ...tracks.map(({ values }) => values)];
  const length = arrays.reduce((sum, { byteLength }) => sum + byteLength, 0);
  document.buffers ??= [{ byteLength: 0 }];
  document.bufferViews ??= [];
  document.accessors ??= [];
  document.buffers[0].byteLength = start + length;
  const view = document.bufferViews.push({ buffer: 0, byteOffset: start, byteLength: length }) - 1;
  const first = document.accessors.length;
  let byteOffset = 0;
  for (const [index, values] of arrays.entries()) {
    const [type, width] = index === 0 ? (["SCALAR", 1] as const) : TYPES[tracks[index - 1].path];
    const bounds = index === 0 ? { min: [timesS[0]], max: [timesS[timesS.length - 1]] } : {};
    const count = values.length / width;
    document.accessors.push({ bufferView: view, byteOffset, componentType: FLOAT, count, type, ...bounds });
    byteOffset += values.byteLength;
  }
  const animation = {
    name,
    samplers: tracks.map((_, index) => ({
      input: first,
      output: first + 1 + index,
      interpolation: "LINEAR",
    })),
    channels: tracks.map(({ node, path }, sampler) => ({ sampler, target: { node, path } })),
  };
  document.animations = [animation, ...(document.animations ?? [])];
  return write(document, binary, arrays, start + length);
}

function read(glb: ArrayBuffer): { document: Document; binary: Uint8Array } {
  const view = new DataView(glb);
  const length = view.getUint32(12, true);
  if (view.getUint32(0, true) !== MAGIC || view.getUint32(16, true) !== JSON_CHUNK)
    throw new Error("This is no binary glTF file.");
  const document = JSON.parse(new TextDecoder().decode(new Uint8Array(glb, 20, length)));
  const at = 20 + length;
  const hasBinary = at + 8 <= glb.byteLength && view.getUint32(at + 4, true) === BIN_CHUNK;
  const binary = hasBinary ? new Uint8Array(glb, at + 8, view.getUint32(at, true)) : new Uint8Array(0);
  return { document, binary };
}

function write(
  document: Document,
  binary: Uint8Array,
  arrays: readonly Float32Array[],
  binaryLength: number,
): ArrayBuffer {
  const text = new TextEncoder().encode(JSON.stringify(document));
  const textLength = align(text.byteLength);
  const bytes = new Uint8Array(12 + 8 + textLength + 8 + binaryLength);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of [MAGIC, 2, bytes.byteLength, textLength, JSON_CHUNK].entries())
    view.setUint32(4 * at, word, true);
  bytes.fill(0x20, 20, 20 + textLength);
  bytes.set(text, 20);
  let at = 20 + textLength;
  view.setUint32(at, binaryLength, true);
  view.setUint32(at + 4, BIN_CHUNK, true);
  at += 8;
  bytes.set(binary, at);
  at += align(binary.byteLength);
  for (const values of arrays) {
    bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return bytes.buffer;
}

function align(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}
