import type { VRMHumanBoneName } from "@pixiv/three-vrm";
import { rigNames } from "mocast-client";
import { Euler, Quaternion, Vector3 } from "three";
import { describe, expect, test } from "vitest";
import { Avatar } from "../../src/avatar/Avatar";
import { AvatarPose } from "../../src/avatar/AvatarPose";
import { loadAvatar } from "../../src/avatar/loadAvatar";
import { makeVrm } from "./makeVrm";
import { rigs } from "./rigs";

const PRESETS = ["aa", "ih", "ou", "ee", "oh", "blink", "blinkLeft", "blinkRight", "happy", "surprised"];

async function avatarOf(wanted: Partial<Parameters<typeof makeVrm>[0]> = {}) {
  const avatar = new Avatar(await loadAvatar(makeVrm({ version: "1", ...wanted })));
  const place = (bone: VRMHumanBoneName) => {
    avatar.vrm.update(1 / 60);
    avatar.vrm.scene.updateWorldMatrix(true, true);
    return avatar.vrm.humanoid.getRawBoneNode(bone)!.getWorldPosition(new Vector3());
  };
  const facing = (bone: VRMHumanBoneName) => {
    place(bone);
    const front = new Vector3(0, 0, avatar.vrm.meta.metaVersion === "0" ? -1 : 1);
    return front.transformDirection(avatar.vrm.humanoid.getRawBoneNode(bone)!.matrixWorld);
  };
  return { avatar, place, facing, weight: (name: string) => avatar.vrm.expressionManager!.getValue(name) };
}

function posed(turns: Record<string, [xDeg: number, yDeg: number, zDeg: number]>): AvatarPose {
  const pose = new AvatarPose();
  for (const [bone, degrees] of Object.entries(turns)) {
    const [x, y, z] = degrees.map((value) => (value * Math.PI) / 180);
    new Quaternion().setFromEuler(new Euler(x, y, z)).toArray(pose.rotations, rigs.bone(bone) * 4);
  }
  return pose;
}

describe.each(["0", "1"] as const)("VRM %s", (version) => {
  test("at rest it faces us, its left hand at our right", async () => {
    const { avatar, place, facing } = await avatarOf({ version });
    avatar.apply(new AvatarPose());
    expect(facing("head").z).toBeCloseTo(1, 5);
    expect(place("leftHand").x).toBeCloseTo(0.32, 5);
    expect(place("hips").y).toBeCloseTo(0.45, 5);
  });

  test("a raised left arm is raised, forward is forward, and a head that turns to its left looks there", async () => {
    const { avatar, place, facing } = await avatarOf({ version });
    avatar.apply(posed({ leftUpperArm: [0, 0, 90], rightUpperArm: [0, 90, 0], head: [0, 30, 0] }));
    expect(place("leftHand").y).toBeCloseTo(0.67 + 0.24, 4);
    expect(place("rightHand").z).toBeCloseTo(0.24, 4);
    expect(facing("head").x).toBeCloseTo(0.5, 4);
  });

  test("its hips move as far as its size lets them", async () => {
    const { avatar, place } = await avatarOf({ version });
    const pose = new AvatarPose();
    pose.hips.set([0.2, 0.7, 0.1]);
    avatar.apply(pose);
    expect(
      place("hips")
        .toArray()
        .map((value) => Math.round(value * 1e4) / 1e4),
    ).toEqual([0.1, 0.35, 0.05]);
  });

  test("the eyes look where the person looks", async () => {
    const { avatar, facing } = await avatarOf({ version });
    const pose = new AvatarPose();
    pose.gazeDeg.set([15, 15]);
    avatar.apply(pose);
    for (const eye of ["leftEye", "rightEye"] as const) {
      // 15° is half of how far people look: the avatar's eyes go half of their way, which is 10°.
      expect(Math.asin(facing(eye).x)).toBeCloseTo((5 * Math.PI) / 180, 2);
      expect(Math.asin(facing(eye).y)).toBeCloseTo((5 * Math.PI) / 180, 2);
    }
  });
});

test("without a look-at the eye bones turn as the rig's do", async () => {
  const { avatar, facing } = await avatarOf({ hasLookAt: false });
  avatar.apply(posed({ leftEye: [0, 20, 0] }));
  expect(Math.asin(facing("leftEye").x)).toBeCloseTo((20 * Math.PI) / 180, 3);
});

test("rotations of bones that it lacks are made by their neighbours: hands and head end up alike", async () => {
  const pose = posed({
    spine: [10, 5, 0],
    chest: [5, 10, 5],
    upperChest: [10, -5, 10],
    neck: [0, 20, 5],
    head: [10, 10, 0],
    leftShoulder: [0, 10, 15],
    leftUpperArm: [0, -20, -50],
  });
  const whole = await avatarOf();
  whole.avatar.apply(pose);
  for (const without of [
    ["upperChest"],
    ["upperChest", "chest"],
    ["neck", "leftShoulder", "rightShoulder"],
  ]) {
    const partial = await avatarOf({ without });
    partial.avatar.apply(pose);
    for (const bone of ["head", "leftHand"] as const)
      expect(partial.facing(bone).distanceTo(whole.facing(bone))).toBeLessThan(1e-4);
  }
});

describe("the face", () => {
  const speaking = () => {
    const pose = new AvatarPose();
    pose.shapes[rigs.shape("jawOpen")] = 0.5;
    pose.shapes[rigs.shape("eyeBlinkLeft")] = 0.9;
    pose.expressions[rigNames.expressions.indexOf("aa")] = 0.4;
    pose.expressions[rigNames.expressions.indexOf("blinkLeft")] = 0.8;
    pose.expressions[rigNames.expressions.indexOf("blinkRight")] = 0.3;
    return pose;
  };

  test("is moved by the presets", async () => {
    const { avatar, weight } = await avatarOf({ presets: PRESETS });
    avatar.apply(speaking());
    expect(avatar.usesShapes).toBe(false);
    expect(weight("aa")).toBeCloseTo(0.4, 5);
    expect(weight("blinkLeft")).toBeCloseTo(0.8, 5);
    expect(weight("blink")).toBe(0);
  });

  test.each([
    ["as ARKit writes them", (name: string) => name],
    ["with a capital", (name: string) => name[0].toUpperCase() + name.slice(1)],
    ["with _L and _R", (name: string) => name.replace(/Left$/, "_L").replace(/Right$/, "_R")],
  ])("is moved by ARKit's shapes alone where it has them, %s", async (_, write) => {
    const { avatar, weight } = await avatarOf({ presets: PRESETS, custom: rigNames.shapes.map(write) });
    avatar.apply(speaking());
    expect(avatar.usesShapes).toBe(true);
    expect(weight(write("jawOpen"))).toBeCloseTo(0.5, 5);
    expect(weight(write("eyeBlinkLeft"))).toBeCloseTo(0.9, 5);
    expect(weight("aa")).toBe(0);
    expect(weight("blinkLeft")).toBe(0);
  });

  test("a few expressions with such names are extras", async () => {
    const { avatar, weight } = await avatarOf({ presets: PRESETS, custom: ["cheekPuff", "tongueOut"] });
    avatar.apply(speaking());
    expect(avatar.usesShapes).toBe(false);
    expect(weight("aa")).toBeCloseTo(0.4, 5);
  });

  test("eyes that only blink together blink when both do", async () => {
    const { avatar, weight } = await avatarOf({ presets: ["aa", "blink"] });
    avatar.apply(speaking());
    expect(weight("blink")).toBeCloseTo(0.3, 5);
  });

  test("VRM 0's presets are the same by their old names", async () => {
    const { avatar, weight } = await avatarOf({
      version: "0",
      presets: ["a", "blink_l", "blink_r", "blink"],
    });
    avatar.apply(speaking());
    expect(weight("aa")).toBeCloseTo(0.4, 5);
    expect(weight("blinkRight")).toBeCloseTo(0.3, 5);
  });
});

test("an avatar without a face moves", async () => {
  const { avatar, place } = await avatarOf();
  avatar.apply(posed({ leftUpperArm: [0, 0, 90] }));
  expect(place("leftHand").y).toBeGreaterThan(0.9);
});

const whole = makeVrm({ version: "1" });

test.each([
  ["no model", new Blob(["GIF89a, or anything"]), "no binary glTF"],
  ["nothing", new Blob([]), "no binary glTF"],
  ["half a model", whole.slice(0, 60), "there are 60 of "],
  ["a damaged model", new Blob([whole.slice(0, 20), "?".repeat(whole.size - 20)]), "damaged"],
])("%s is refused with a reason", async (_, file, reason) => {
  await expect(loadAvatar(file)).rejects.toMatchObject({
    kind: "unreadable",
    detail: expect.stringContaining(reason),
  });
});

test("a model without a humanoid is refused as such", async () => {
  const text = '{"asset":{"version":"2.0"},"scenes":[{"nodes":[]}]}'.padEnd(52);
  const bytes = new Uint8Array(20 + text.length);
  const view = new DataView(bytes.buffer);
  for (const [at, word] of [0x46546c67, 2, bytes.length, text.length, 0x4e4f534a].entries())
    view.setUint32(at * 4, word, true);
  bytes.set(new TextEncoder().encode(text), 20);
  await expect(loadAvatar(new Blob([bytes]))).rejects.toMatchObject({ kind: "not-an-avatar" });
});
