import { readFileSync } from "node:fs";
import { type VRM, VRMLoaderPlugin } from "@pixiv/three-vrm";
import { validateBytes } from "gltf-validator";
import { Quaternion, type SkinnedMesh, Vector3 } from "three";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { beforeAll, describe, expect, it } from "vitest";
import { measureProportions } from "../src/avatar/fit/measureProportions";

const bytes = new Uint8Array(readFileSync(new URL("../public/default.vrm", import.meta.url)));

/** The file's JSON and its bytes, with the pictures left out: Node can decode none. */
function withoutPictures(): ArrayBuffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = view.getUint32(12, true);
  const text = new TextDecoder().decode(bytes.subarray(20, 20 + size));
  const kept = JSON.parse(text, (key, value) =>
    /texture$/i.test(key) || ["images", "textures", "samplers"].includes(key) ? undefined : value,
  );
  const json = new TextEncoder().encode(JSON.stringify(kept).padEnd(size));
  const copy = bytes.slice();
  copy.set(json, 20);
  return copy.buffer;
}

async function load(): Promise<VRM> {
  const loader = new GLTFLoader();
  loader.register((parser) => new VRMLoaderPlugin(parser));
  const gltf = await loader.parseAsync(withoutPictures(), "");
  return gltf.userData.vrm;
}

describe("the default avatar", () => {
  let vrm: VRM;
  beforeAll(async () => {
    vrm = await load();
  });

  it("is a glTF without an error", async () => {
    const report = await validateBytes(bytes);
    expect(report.issues.messages.filter(({ severity }) => severity === 0)).toEqual([]);
    expect(report.info.totalTriangleCount).toBeLessThanOrEqual(25_000);
  });

  it("has all 55 bones and every expression, as three-vrm reads it", () => {
    expect(Object.keys(vrm.humanoid.humanBones)).toHaveLength(55);
    expect(Object.keys(vrm.expressionManager!.presetExpressionMap)).toHaveLength(18);
    expect(Object.keys(vrm.expressionManager!.customExpressionMap)).toHaveLength(52);
  });

  it("rests in a T-pose that faces +Z", () => {
    const hand = vrm.humanoid.getRawBoneNode("leftHand")!.getWorldPosition(new Vector3());
    const toes = vrm.humanoid.getRawBoneNode("leftToes")!.getWorldPosition(new Vector3());
    expect(hand.x).toBeGreaterThan(0.4);
    expect(toes.z).toBeGreaterThan(0);
  });

  it("is measured as the server measures it", () => {
    const golden = new URL("../../tests/golden/retargeting/arm-fitting.json", import.meta.url);
    const wanted = JSON.parse(readFileSync(golden, "utf8")).bodies["default avatar"];
    const measured = measureProportions(vrm);
    expect(measured.capsules).toHaveLength(wanted.capsules.length);
    expect(measured.handLength).toBeCloseTo(wanted.hand_m, 4);
    for (const part of ["offsets", "middles", "sizes"] as const) {
      measured[part].forEach((vector, i) => {
        vector.toArray().forEach((value, axis) => {
          expect(value, `${part} ${i}`).toBeCloseTo(wanted[part][i][axis], 3);
        });
      });
    }
    measured.capsules.forEach(({ at, start, radius }, i) => {
      expect([at, radius]).toEqual([wanted.capsules[i].at, wanted.capsules[i].radius]);
      expect(start.distanceTo(new Vector3(...wanted.capsules[i].start))).toBeLessThan(1e-3);
    });
  });

  it("moves its morph targets by expressions, a preset's by its mix", () => {
    const face = vrm.scene.getObjectByProperty("type", "SkinnedMesh") as SkinnedMesh;
    const meshes: SkinnedMesh[] = [];
    vrm.scene.traverse((object) => {
      if ((object as SkinnedMesh).morphTargetInfluences?.length) {
        meshes.push(object as SkinnedMesh);
      }
    });
    expect(face).toBeDefined();
    expect(meshes.length).toBeGreaterThan(0);
    vrm.expressionManager!.setValue("blinkLeft", 1);
    vrm.update(0);
    const index = meshes[0]!.morphTargetDictionary!.eyeBlinkLeft!;
    expect(meshes[0]!.morphTargetInfluences![index]).toBeCloseTo(1);
    vrm.expressionManager!.setValue("blinkLeft", 0);
  });

  it("looks by its eyes' bones, to its left for a positive yaw", () => {
    vrm.lookAt!.yaw = 45;
    vrm.update(0);
    const eye = vrm.humanoid.getRawBoneNode("leftEye")!;
    const ahead = new Vector3(0, 0, 1).applyQuaternion(eye.getWorldQuaternion(new Quaternion()));
    expect(ahead.x).toBeGreaterThan(0.05);
    vrm.lookAt!.yaw = 0;
  });

  it("lets its hair swing and come to rest", () => {
    const tip = vrm.scene.getObjectByName("leftTail5")!;
    const at = () => tip.getWorldPosition(new Vector3());
    const settle = (frames: number) => {
      for (let frame = 0; frame < frames; frame++) {
        vrm.update(1 / 60);
      }
    };
    settle(240);
    const before = at();
    vrm.humanoid.getNormalizedBoneNode("head")!.rotation.z = 0.4;
    settle(2);
    const early = at();
    settle(600);
    const later = at();
    expect(early.distanceTo(later)).toBeGreaterThan(0.005);
    settle(10);
    expect(at().distanceTo(later)).toBeLessThan(0.001);
    expect(before.distanceTo(later)).toBeGreaterThan(0.02);
  });
});
