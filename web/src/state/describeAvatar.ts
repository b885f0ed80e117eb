import { rigNames } from "mocast-client";
import type { AvatarView } from "../avatar/AvatarView";

/** The avatar's state, bones and expressions, read from what is drawn; for `window.mocast` and end-to-end tests. */
export function describeAvatar({
  host: { vrm, state },
  framing,
  mirror,
  loop,
}: AvatarView): Record<string, unknown> {
  const bones = rigNames.bones.flatMap((name) => {
    const node = vrm?.humanoid.getNormalizedBoneNode(name as never);
    return node ? [[name, node.quaternion.toArray()] as const] : [];
  });
  const expressions = vrm?.expressionManager?.expressions ?? [];
  return {
    /** `nothing`, `idle`, `tracking` or `animation`. */
    state,
    framing,
    mirror,
    fps: loop.frameRate.fps,
    /** Rotations relative to rest, x y z w, of the bones that it has. */
    bones: Object.fromEntries(bones),
    /** Weights, 0..1, of the expressions that it has. */
    expressions: Object.fromEntries(
      expressions.map(({ expressionName, weight }) => [expressionName, weight]),
    ),
  };
}
