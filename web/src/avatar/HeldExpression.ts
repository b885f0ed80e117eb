import type { VRM, VRMExpression } from "@pixiv/three-vrm";
import { rigNames } from "mocast-client";
import { smoothstep } from "./smoothstep";

/** From one expression to the next. */
const FADE_S = 0.25;
/** As many as there are keys. */
const MOST = 9;
const EMOTIONS = ["happy", "angry", "sad", "relaxed", "surprised"] as const;
const SHAPES = new Set(rigNames.shapes.map((name) => name.toLowerCase()));

/** An expression that a person holds by a key, faded in over the tracked ones, and out again. */
export class HeldExpression {
  /** Of VRM's emotions those that the avatar has, then its own. */
  readonly names: readonly string[];
  private readonly expressions: readonly VRMExpression[];
  private readonly progress: number[];
  private held = -1;

  /** `isDriven`: whether the tracking sets an expression's weight in each frame. */
  constructor(
    vrm: VRM,
    private readonly isDriven: (expression: VRMExpression) => boolean,
  ) {
    const { expressionManager } = vrm;
    const emotions = EMOTIONS.flatMap((name) => expressionManager?.getExpression(name) ?? []);
    const own = Object.values(expressionManager?.customExpressionMap ?? {}).filter(
      ({ expressionName }) => !SHAPES.has(expressionName.toLowerCase()),
    );
    this.expressions = [...emotions, ...own].slice(0, MOST);
    this.names = this.expressions.map(({ expressionName }) => expressionName);
    this.progress = this.expressions.map(() => 0);
  }

  /** Hold the expression of this name from now on; `null`, or one that the avatar does not have: none. */
  hold(name: string | null): void {
    this.held = name === null ? -1 : this.names.indexOf(name);
  }

  /** Add it to the face, which was set by the tracking just before. */
  apply(elapsedS: number): void {
    let most = 0;
    for (let i = 0; i < this.progress.length; i += 1) {
      const step = (i === this.held ? elapsedS : -elapsedS) / FADE_S;
      this.progress[i] = Math.min(1, Math.max(0, this.progress[i] + step));
      most = Math.max(most, smoothstep(this.progress[i]));
    }
    for (let i = 0; i < this.expressions.length; i += 1) {
      const expression = this.expressions[i];
      const tracked = this.isDriven(expression) ? expression.weight : 0;
      expression.weight = tracked * (1 - most) + smoothstep(this.progress[i]);
    }
  }
}
