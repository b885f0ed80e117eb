import type { VRM } from "@pixiv/three-vrm";
import {
  createVRMAnimationClip,
  type VRMAnimation,
  VRMAnimationLoaderPlugin,
  VRMLookAtQuaternionProxy,
} from "@pixiv/three-vrm-animation";
import { type AnimationClip, AnimationMixer } from "three";
import { AvatarFailure } from "./AvatarFailure";
import { fetchModel } from "./fetchModel";
import { parseModel } from "./parseModel";

/** Plays a VRM Animation on an avatar, over and over. */
export class ClipPlayer {
  private readonly mixer: AnimationMixer;
  private readonly clip: AnimationClip;

  constructor(
    private readonly vrm: VRM,
    animation: VRMAnimation,
  ) {
    if (vrm.lookAt && !vrm.scene.getObjectByName(GAZE)) {
      const proxy = new VRMLookAtQuaternionProxy(vrm.lookAt);
      proxy.name = GAZE;
      vrm.scene.add(proxy);
    }
    this.clip = createVRMAnimationClip(animation, vrm);
    this.mixer = new AnimationMixer(vrm.scene);
    this.mixer.clipAction(this.clip).play();
  }

  /** Load a `.vrma`; rejects with an `AvatarFailure`. */
  static async load(source: string | Blob): Promise<VRMAnimation> {
    const gltf = await parseModel(await fetchModel(source), (parser) => new VRMAnimationLoaderPlugin(parser));
    const [animation] = (gltf.userData.vrmAnimations ?? []) as VRMAnimation[];
    if (!animation) throw new AvatarFailure("not-an-animation", "This file holds no VRM animation.");
    return animation;
  }

  get seconds(): number {
    return this.clip.duration;
  }

  advance(elapsedS: number): void {
    this.mixer.update(elapsedS);
  }

  /** Stop, and leave the avatar at rest. */
  dispose(): void {
    this.mixer.stopAllAction();
    this.mixer.uncacheRoot(this.vrm.scene);
    this.vrm.humanoid.resetNormalizedPose();
    this.vrm.expressionManager?.resetValues();
  }
}

/** What the clip's track of the gaze finds the proxy by. */
const GAZE = "MocastGaze";
