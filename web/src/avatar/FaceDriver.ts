import type { VRM, VRMExpression } from "@pixiv/three-vrm";
import { rigNames } from "mocast-client";
import type { AvatarPose } from "./AvatarPose";

/** With fewer of ARKit's shapes than this, a face cannot do without the preset expressions. */
const MIN_SHAPES = 30;

interface Driven {
  readonly expression: VRMExpression;
  readonly index: number;
}

/**
 * Moves an avatar's face: with ARKit's 52 shapes where its expressions have their names ("perfect sync"), else with the
 * preset expressions, never with both: each would open the mouth once.
 */
export class FaceDriver {
  readonly usesShapes: boolean;
  /** Whether it opens the mouth: a jaw bone that turned as well would open it twice. */
  readonly opensMouth: boolean;
  private readonly driven: Driven[];
  /** For avatars whose eyes only blink together. */
  private readonly blink: VRMExpression | null;

  constructor(vrm: VRM) {
    const { expressionManager } = vrm;
    const shapes = matching(rigNames.shapes, expressionManager?.expressions ?? []);
    this.usesShapes = shapes.length >= MIN_SHAPES;
    const presets = matching(
      rigNames.expressions,
      Object.values(expressionManager?.presetExpressionMap ?? {}),
    );
    this.driven = this.usesShapes ? shapes : presets;
    const opening = this.usesShapes ? rigNames.shapes.indexOf("jawOpen") : rigNames.expressions.indexOf("aa");
    this.opensMouth = this.driven.some(({ index }) => index === opening);
    const hasBlinks = ["blinkLeft", "blinkRight"].every((name) =>
      presets.some(({ index }) => rigNames.expressions[index] === name),
    );
    this.blink = hasBlinks || this.usesShapes ? null : (expressionManager?.getExpression("blink") ?? null);
  }

  /** Whether it sets this expression's weight. */
  drives(expression: VRMExpression): boolean {
    return this.blink === expression || this.driven.some((driven) => driven.expression === expression);
  }

  apply(pose: AvatarPose): void {
    const weights = this.usesShapes ? pose.shapes : pose.expressions;
    for (let i = 0; i < this.driven.length; i += 1) {
      const { expression, index } = this.driven[i];
      expression.weight = weights[index];
    }
    // A wink would shut both: the wider eye counts.
    if (this.blink) this.blink.weight = Math.min(pose.expressions[BLINK_LEFT], pose.expressions[BLINK_RIGHT]);
  }
}

const BLINK_LEFT = rigNames.expressions.indexOf("blinkLeft");
const BLINK_RIGHT = rigNames.expressions.indexOf("blinkRight");

/** Expressions by their names in ours, whatever their case: tools write jawOpen, JawOpen, eyeBlinkLeft, eyeBlink_L. */
function matching(names: readonly string[], expressions: readonly VRMExpression[]): Driven[] {
  const byName = new Map(expressions.map((expression) => [plain(expression.expressionName), expression]));
  return names.flatMap((name, index) => {
    const expression = byName.get(plain(name));
    return expression ? [{ expression, index }] : [];
  });
}

function plain(name: string): string {
  return name.replace(/_L$/, "Left").replace(/_R$/, "Right").replaceAll("_", "").toLowerCase();
}
