import { onNumberKey } from "../avatar/onNumberKey";
import type { AvatarController } from "./AvatarController";
import { type KeyTarget, MidiKeys } from "./MidiKeys";
import { PoseShelf } from "./PoseShelf";

/** Keys for the avatar's expressions and poses: numbers, numbers with Shift, and those of MIDI devices. */
export class StageKeys {
  readonly poses: PoseShelf;
  readonly midi: MidiKeys;

  constructor(private readonly avatar: Pick<AvatarController, "view">) {
    this.poses = new PoseShelf(() => avatar.view);
    this.midi = new MidiKeys({
      press: (target) => this.press(target),
      release: (target) => this.release(target),
    });
  }

  /** Listen to the keyboard until the returned function is called. */
  listen(): () => void {
    const ends = [
      onNumberKey("none", (index) => this.press(`expression ${index}`)),
      onNumberKey(
        "shift",
        (index) => this.press(`pose ${index}`),
        (index) => this.release(`pose ${index}`),
      ),
    ];
    return () => {
      for (const end of ends) end();
    };
  }

  private press(target: KeyTarget): void {
    const [kind, index] = parts(target);
    if (kind === "pose") this.poses.press(index);
    else this.avatar.view?.toggleExpression(index);
  }

  private release(target: KeyTarget): void {
    const [kind, index] = parts(target);
    if (kind === "pose") this.poses.release(index);
  }
}

function parts(target: KeyTarget): [kind: string, index: number] {
  const [kind, index] = target.split(" ");
  return [kind, Number(index)];
}
