import type { Host } from "../avatar/Host";
import { onNumberKey } from "../avatar/onNumberKey";
import { readKeys, writeKeys } from "./keysFile";
import { type KeyTarget, MidiKeys } from "./MidiKeys";
import { PoseShelf } from "./PoseShelf";

type KeyedAvatar = Pick<Host, "rotations" | "holdPose" | "toggleExpression">;

/** Keys for the avatar's expressions and poses: numbers, numbers with Shift, and those of MIDI devices. */
export class StageKeys {
  readonly poses: PoseShelf;
  readonly midi: MidiKeys;

  constructor(private readonly host: () => KeyedAvatar | null) {
    this.poses = new PoseShelf(host);
    this.midi = new MidiKeys({
      press: (target) => this.press(target),
      release: (target) => this.release(target),
    });
  }

  /**
   * Take over what this browser's other pages change, until the returned function is called. Also while nothing is shown: what
   * is saved here would otherwise replace what they saved.
   */
  follow(): () => void {
    const onStorage = ({ key }: StorageEvent) => {
      if (key?.startsWith("mocast.pose")) this.poses.reload();
      if (key?.startsWith("mocast.midi")) void this.midi.reload();
    };
    addEventListener("storage", onStorage);
    return () => removeEventListener("storage", onStorage);
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

  /** What is kept here, as a file's text for another browser: OBS has one of its own. */
  write(): string {
    const { poses, midi } = this;
    return writeKeys({
      poses: poses.poses.value,
      poseKeys: poses.keys.value,
      midi: { isOn: midi.state.value === "on", targets: midi.targets.value },
    });
  }

  /** Keep what another browser wrote, and use MIDI where it does; throws an `Error` of one sentence where that is not possible. */
  async read(text: string): Promise<void> {
    const file = readKeys(text);
    this.poses.replace(file.poses, file.poseKeys);
    this.midi.replace(file.midi.targets);
    if (!file.midi.isOn) return;
    await this.midi.switchOn();
    if (this.midi.state.value !== "on")
      throw new Error("The keys are kept, but this browser gives no MIDI devices.");
  }

  private press(target: KeyTarget): void {
    const [kind, index] = parts(target);
    if (kind === "pose") this.poses.press(index);
    else this.host()?.toggleExpression(index);
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
