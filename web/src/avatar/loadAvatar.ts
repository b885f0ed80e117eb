import { type VRM, VRMLoaderPlugin, VRMUtils } from "@pixiv/three-vrm";
import { AvatarFailure } from "./AvatarFailure";
import { fetchModel } from "./fetchModel";
import { parseModel } from "./parseModel";

/** Load a VRM 0 or 1, turned so that it faces +Z; rejects with an `AvatarFailure`. */
export async function loadAvatar(source: string | Blob): Promise<VRM> {
  const gltf = await parseModel(await fetchModel(source), (parser) => new VRMLoaderPlugin(parser));
  const vrm = gltf.userData.vrm as VRM | undefined;
  if (!vrm) {
    VRMUtils.deepDispose(gltf.scene);
    throw new AvatarFailure("not-an-avatar", "This file is a model, but no VRM: it names no humanoid bones.");
  }
  VRMUtils.removeUnnecessaryVertices(vrm.scene);
  VRMUtils.combineSkeletons(vrm.scene);
  VRMUtils.rotateVRM0(vrm);
  // Their bounds are those of the rest pose: an arm that is raised out of them would vanish.
  vrm.scene.traverse((object) => {
    object.frustumCulled = false;
  });
  return vrm;
}
