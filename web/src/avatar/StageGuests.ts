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

  vrm(name: string): VRM | null {
    return this.guests.get(name)?.avatar?.vrm ?? null;
  }

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

  push(name: string, rig: RigFrame, nowMs: number): void {
    this.guests.get(name)?.push(rig, nowMs);
  }

  dismiss(name: string): void {
    const guest = this.guests.get(name);
    this.guests.delete(name);
    if (!guest?.avatar) return;
    this.change();
    guest.avatar.dispose();
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

  private change(): void {
    this.onChange(this.avatars.map(({ vrm }) => vrm));
  }
}
