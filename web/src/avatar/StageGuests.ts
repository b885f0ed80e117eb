import type { VRM } from "@pixiv/three-vrm";
import type { RigFrame } from "mocast-client";
import type { Avatar } from "./Avatar";
import { Guest } from "./Guest";

/** The others on an avatar's stage, by name. */
export class StageGuests {
  private readonly guests = new Map<string, Guest>();

  /** `onChange`: somebody came or left, from left to right. */
  constructor(
    private readonly makeAvatar: (source: string | Blob) => Promise<Avatar>,
    private readonly onChange: (everybody: readonly VRM[]) => void,
  ) {}

  /** From left to right. */
  get names(): readonly string[] {
    return [...this.guests.keys()].sort();
  }

  /** Of those that are loaded, from left to right. */
  get avatars(): readonly Avatar[] {
    return this.names.flatMap((name) => this.guests.get(name)?.avatar ?? []);
  }

  has(name: string): boolean {
    return this.guests.has(name);
  }

  /** A guest's avatar; `null` where there is none, or not yet. */
  vrm(name: string): VRM | null {
    return this.guests.get(name)?.avatar?.vrm ?? null;
  }

  /**
   * Put somebody on the stage, in the order of their names: they bring an avatar from an address or a file. `stays`: also
   * while no rig comes. Does nothing where they are there. Rejects with an `AvatarFailure`.
   */
  async invite(name: string, source: string | Blob, stays: boolean): Promise<void> {
    if (this.guests.has(name)) return;
    const guest = new Guest(stays);
    this.guests.set(name, guest);
    try {
      guest.avatar = await this.makeAvatar(source);
    } catch (error) {
      this.guests.delete(name);
      throw error;
    }
    if (this.guests.get(name) === guest) this.change();
    else guest.avatar.dispose();
  }

  /** Take in a guest's rig, if they are there. */
  push(name: string, rig: RigFrame): void {
    this.guests.get(name)?.push(rig, performance.now());
  }

  move(nowMs: number, elapsedS: number, isMirrored: boolean): void {
    for (const [name, guest] of this.guests) {
      guest.move(nowMs, elapsedS, isMirrored);
      if (guest.isGone(nowMs)) this.dismiss(name);
    }
  }

  dispose(): void {
    for (const { avatar } of this.guests.values()) avatar?.dispose();
    this.guests.clear();
  }

  private dismiss(name: string): void {
    const guest = this.guests.get(name);
    this.guests.delete(name);
    if (!guest?.avatar) return;
    this.change();
    guest.avatar.dispose();
  }

  private change(): void {
    this.onChange(this.avatars.map(({ vrm }) => vrm));
  }
}
