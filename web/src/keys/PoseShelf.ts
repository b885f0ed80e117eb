import type { Host } from "../avatar/Host";
import type { KeptPose } from "../avatar/KeptPose";
import { Store } from "../state/Store";
import { storage } from "../storage/storage";
import { storedPoses } from "../storage/storedPoses";

/** As many as there are keys. */
const MOST = 9;

/** What a key does: hold the pose until it is pressed again, or while it is down. */
export const poseKeys = ["toggle", "while-down"] as const;
export type PoseKeys = (typeof poseKeys)[number];

type PosedAvatar = Pick<Host, "rotations" | "holdPose">;

/** Poses that this browser keeps, and which of them is held. */
export class PoseShelf {
  readonly poses = new Store<readonly KeptPose[]>(storedPoses.load());
  /** The place of the one that is held; `null`: none. */
  readonly held = new Store<number | null>(null);
  readonly keys = new Store<PoseKeys>(loadKeys());

  constructor(private readonly host: () => PosedAvatar | null) {}

  get isFull(): boolean {
    return this.poses.value.length >= MOST;
  }

  /** Take these in the place of those that are kept. */
  replace(poses: readonly KeptPose[], keys: PoseKeys): void {
    this.setKeys(keys);
    this.save(poses.slice(0, MOST));
  }

  /** Another page of this browser has changed them. */
  reload(): void {
    this.hold(null);
    this.poses.set(storedPoses.load());
    this.keys.set(loadKeys());
  }

  /** Keep the pose in which the avatar is shown now. */
  keep(part: KeptPose["part"]): void {
    const rotations = this.host()?.rotations;
    if (!rotations || this.isFull) return;
    const numbers = [...rotations].map((number) => Math.round(number * 1e4) / 1e4);
    this.save([...this.poses.value, { name: this.freeName(), part, rotations: numbers }]);
  }

  remove(index: number): void {
    this.hold(null);
    this.save(this.poses.value.filter((_, at) => at !== index));
  }

  setKeys(keys: PoseKeys): void {
    this.hold(null);
    this.keys.set(keys);
    storage.save("pose-keys", keys);
  }

  /** A pose's key, or what stands for it, went down. */
  press(index: number): void {
    if (index >= this.poses.value.length) return;
    const isHeld = this.held.value === index;
    this.hold(isHeld && this.keys.value === "toggle" ? null : index);
  }

  /** It went up. */
  release(index: number): void {
    if (this.keys.value === "while-down" && this.held.value === index) this.hold(null);
  }

  /** Hold this one by a click, or let it go where it is held. */
  toggle(index: number): void {
    this.hold(this.held.value === index ? null : index);
  }

  private hold(index: number | null): void {
    if (index === this.held.value) return;
    this.held.set(index);
    this.host()?.holdPose(index === null ? null : this.poses.value[index]);
  }

  private freeName(): string {
    const names = new Set(this.poses.value.map(({ name }) => name));
    for (let number = 1; ; number += 1) if (!names.has(`Pose ${number}`)) return `Pose ${number}`;
  }

  private save(poses: readonly KeptPose[]): void {
    this.poses.set(poses);
    storedPoses.save(poses);
  }
}

function loadKeys(): PoseKeys {
  return storage.load<PoseKeys>("pose-keys") ?? "toggle";
}
