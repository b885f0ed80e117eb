import { type VRM, VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";
import type { Mesh, Object3D } from "three";
import type { GLTFParser } from "three/addons/loaders/GLTFLoader.js";
import { AvatarFailure } from "./AvatarFailure";
import { addHandColliders } from "./addHandColliders";
import { appendAnimation, type Track } from "./appendAnimation";
import { ClipPlayer } from "./ClipPlayer";
import { fetchModel } from "./fetchModel";
import { parseModel } from "./parseModel";
import { SpringSteps } from "./SpringSteps";
import { updateVrm } from "./updateVrm";

const FPS = 30;
/** For so long springs swing at the first pose before the motion begins. */
const SETTLE_S = 1;
/** The page is let do other things this often. */
const YIELD_MS = 40;
/** Numbers that differ by less are the same. */
const SAME = 1e-5;

/**
 * A VRM as a binary glTF that moves by itself: bones, face, gaze, and hair and clothes as their springs swing.
 *
 * The model stays as it is, with its materials and VRM's extensions; the animation is added to it. Rejects with an
 * `AvatarFailure`.
 */
export async function bakeMotion(model: string | Blob, motion: Blob): Promise<Blob> {
  const bytes = await fetchModel(model);
  let parser: GLTFParser | null = null;
  const gltf = await parseModel(bytes, (its) => {
    parser = its;
    return new VRMLoaderPlugin(its);
  });
  const vrm = gltf.userData.vrm as VRM | undefined;
  if (!vrm || !parser) throw new AvatarFailure("not-an-avatar", "This file is a model, but no VRM.");
  try {
    const player = new ClipPlayer(vrm, await ClipPlayer.load(motion));
    const recorded = recordersOf(vrm, parser);
    addHandColliders(vrm);
    const timesS = await play(vrm, player, recorded);
    const baked = appendAnimation(
      bytes,
      "Mocast",
      timesS,
      recorded.flatMap((recorder) => recorder.track()),
    );
    return new Blob([baked], { type: "model/gltf-binary" });
  } finally {
    VRMUtils.deepDispose(vrm.scene);
  }
}

/** Play the motion from its beginning to its end, at a constant rate, and record each frame. */
async function play(vrm: VRM, player: ClipPlayer, recorders: readonly Recorder[]): Promise<Float32Array> {
  const frames = Math.max(1, Math.ceil(player.seconds * FPS - 1e-6));
  for (const recorder of recorders) recorder.begin(frames);
  const springs = new SpringSteps(vrm.springBoneManager);
  player.advance(0);
  for (let step = 0; step < SETTLE_S * FPS; step += 1) updateVrm(vrm, springs, 1 / FPS);
  let worksSinceMs = performance.now();
  for (let frame = 0; frame < frames; frame += 1) {
    if (frame > 0) {
      player.advance(1 / FPS);
      updateVrm(vrm, springs, 1 / FPS);
    }
    for (const recorder of recorders) recorder.record(frame);
    if (performance.now() - worksSinceMs > YIELD_MS) {
      await new Promise((resolve) => setTimeout(resolve));
      worksSinceMs = performance.now();
    }
  }
  return Float32Array.from({ length: frames }, (_, frame) => frame / FPS);
}

/** Records one property of one node, and tells its track where it moves. */
class Recorder {
  private values = new Float32Array(0);
  private readonly rest: readonly number[];

  constructor(
    private readonly node: number,
    private readonly path: Track["path"],
    private readonly read: () => readonly number[],
  ) {
    this.rest = [...read()];
  }

  begin(frames: number): void {
    this.values = new Float32Array(frames * this.rest.length);
  }

  record(frame: number): void {
    this.values.set(this.read(), frame * this.rest.length);
  }

  track(): Track[] {
    const { values, rest } = this;
    const moves = values.some((value, index) => Math.abs(value - rest[index % rest.length]) > SAME);
    return moves ? [{ node: this.node, path: this.path, values }] : [];
  }
}

function recordersOf(vrm: VRM, parser: GLTFParser): Recorder[] {
  const recorders: Recorder[] = [];
  const weighted = new Set<number>();
  const hips = vrm.humanoid.getRawBoneNode("hips");
  const nodeOf = (object: Object3D | null) => object && parser.associations.get(object)?.nodes;
  vrm.scene.traverse((object) => {
    const node = nodeOf(object);
    if (node !== undefined && node !== null) {
      recorders.push(new Recorder(node, "rotation", () => object.quaternion.toArray()));
      if (object === hips) recorders.push(new Recorder(node, "translation", () => object.position.toArray()));
    }
    const weights = (object as Mesh).morphTargetInfluences;
    // The meshes of a node that has several primitives are children of its own.
    const owner = node ?? nodeOf(object.parent);
    if (!weights?.length || owner === undefined || owner === null || weighted.has(owner)) return;
    weighted.add(owner);
    recorders.push(new Recorder(owner, "weights", () => weights));
  });
  return recorders;
}
