import { readFileSync } from "node:fs";
import { type VRM, VRMLoaderPlugin } from "@pixiv/three-vrm";
import { GLTFLoader } from "three/addons/loaders/GLTFLoader.js";
import { vi } from "vitest";

const bytes = readFileSync(new URL("../../public/default.vrm", import.meta.url));

/** The default avatar in its rest pose, without its pictures, which Node cannot decode. */
export async function loadDefault(): Promise<VRM> {
  Object.assign(globalThis, { self: globalThis });
  // three's loader tells of it and goes on.
  vi.spyOn(console, "error").mockImplementation(() => {});
  vi.spyOn(console, "warn").mockImplementation(() => {});
  const loader = new GLTFLoader().register((parser) => new VRMLoaderPlugin(parser));
  const gltf = await loader.parseAsync(
    bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length),
    "",
  );
  return gltf.userData.vrm as VRM;
}
