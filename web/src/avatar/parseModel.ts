import {
  type GLTF,
  GLTFLoader,
  type GLTFLoaderPlugin,
  type GLTFParser,
} from "three/addons/loaders/GLTFLoader.js";
import { AvatarFailure } from "./AvatarFailure";

/** "glTF" as a little-endian number: how every binary glTF, and so every VRM and VRMA, begins. */
const MAGIC = 0x46546c67;

/** Read a binary glTF with a plugin for what is in it; rejects with an `AvatarFailure`. */
export async function parseModel(
  bytes: ArrayBuffer,
  plugin: (parser: GLTFParser) => GLTFLoaderPlugin,
): Promise<GLTF> {
  const header = new DataView(bytes);
  if (header.byteLength < 12 || header.getUint32(0, true) !== MAGIC) {
    throw new AvatarFailure("unreadable", "This is no binary glTF file, which every .vrm and .vrma is.");
  }
  const whole = header.getUint32(8, true);
  if (header.byteLength < whole) {
    const share = `${header.byteLength.toLocaleString("en")} of ${whole.toLocaleString("en")} bytes`;
    throw new AvatarFailure(
      "unreadable",
      `A part of this file is missing: there are ${share}. Copy or download it again.`,
    );
  }
  try {
    return await new GLTFLoader().register(plugin).parseAsync(bytes, "");
  } catch (error) {
    throw new AvatarFailure("unreadable", `The file is damaged or not supported: ${reason(error)}.`);
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.replace(/\.$/, "") : String(error);
}
