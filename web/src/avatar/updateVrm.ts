import type { VRM } from "@pixiv/three-vrm";
import type { SpringSteps } from "./SpringSteps";

/** What `vrm.update` does, with springs that move in steps of their own. */
export function updateVrm(vrm: VRM, springs: SpringSteps, elapsedS: number): void {
  vrm.humanoid.update();
  vrm.lookAt?.update(elapsedS);
  vrm.expressionManager?.update();
  vrm.nodeConstraintManager?.update();
  springs.advance(elapsedS);
  for (const material of vrm.materials ?? [])
    (material as { update?: (elapsedS: number) => void }).update?.(elapsedS);
}
