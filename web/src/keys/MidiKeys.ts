import { Store } from "../state/Store";
import { storage } from "../storage/storage";
import { parseMidi } from "./parseMidi";

/** What a MIDI key can stand for: `expression 0` to `expression 8`, and `pose 0` to `pose 8`. */
export type KeyTarget = `${"expression" | "pose"} ${number}`;
/** What each key stands for, by `MidiSignal.name`. */
export type KeyTargets = Readonly<Record<string, KeyTarget>>;

interface Handlers {
  press(target: KeyTarget): void;
  release(target: KeyTarget): void;
}

type Access = Pick<MIDIAccess, "inputs" | "onstatechange">;

/** Keys of MIDI devices that stand for others. Nothing is asked of the browser until it is switched on. */
export class MidiKeys {
  /** `refused`: by the person or the browser; `missing`: this browser has no MIDI. */
  readonly state = new Store<"off" | "asking" | "on" | "refused" | "missing">("off");
  /** The names of the devices that are there. */
  readonly devices = new Store<readonly string[]>([]);
  /** What the next key that is pressed will stand for; `null`: nothing new. */
  readonly learning = new Store<KeyTarget | null>(null);
  readonly targets = new Store<KeyTargets>(storage.load("midi-keys") ?? {});
  private access: Access | null = null;
  private readonly down = new Set<string>();

  constructor(
    private readonly handlers: Handlers,
    private readonly browser: Pick<Navigator, "permissions"> & {
      requestMIDIAccess?(): Promise<Access>;
    } = navigator,
  ) {}

  /** Go on as on the last visit, where the browser need not ask. */
  async resume(): Promise<void> {
    if (!storage.load<boolean>("midi")) return;
    const permission = await this.browser.permissions
      .query({ name: "midi" as PermissionName })
      .catch(() => null);
    if (permission?.state === "granted") await this.switchOn();
  }

  async switchOn(): Promise<void> {
    if (!this.browser.requestMIDIAccess) return this.state.set("missing");
    this.state.set("asking");
    try {
      const access = await this.browser.requestMIDIAccess();
      // It was switched off meanwhile.
      if (this.state.value !== "asking") return;
      this.access = access;
      access.onstatechange = () => this.listen();
      this.listen();
      this.state.set("on");
      storage.save("midi", true);
    } catch {
      this.state.set("refused");
    }
  }

  switchOff(): void {
    if (this.access) {
      this.access.onstatechange = null;
      for (const input of this.access.inputs.values()) input.onmidimessage = null;
    }
    this.access = null;
    this.learning.set(null);
    this.devices.set([]);
    this.releaseAll();
    this.state.set("off");
    storage.save("midi", false);
  }

  /** Have the next key stand for this; the same again: do not. */
  learn(target: KeyTarget): void {
    this.learning.set(this.learning.value === target ? null : target);
  }

  /** Have keys stand for these in the place of those that they stand for. */
  replace(targets: KeyTargets): void {
    this.releaseAll();
    this.save(Object.entries(targets));
  }

  /** Another page of this browser has changed something: go on as it does. */
  async reload(): Promise<void> {
    this.releaseAll();
    this.targets.set(storage.load("midi-keys") ?? {});
    if (this.state.value !== "on") await this.resume();
    else if (!storage.load<boolean>("midi")) this.switchOff();
  }

  forget(target: KeyTarget): void {
    this.save(Object.entries(this.targets.value).filter(([, other]) => other !== target));
  }

  /** The key that stands for this; `null`: none. */
  keyOf(target: KeyTarget): string | null {
    return Object.entries(this.targets.value).find(([, other]) => other === target)?.[0] ?? null;
  }

  private listen(): void {
    const inputs = [...(this.access?.inputs.values() ?? [])];
    for (const input of inputs) input.onmidimessage = ({ data }) => data && this.receive(data);
    const names = inputs.filter(({ state }) => state === "connected").map(({ name }) => name ?? "MIDI");
    if (names.length < this.devices.value.length) this.releaseAll();
    this.devices.set(names);
  }

  /** Of a device that is unplugged, nothing tells that its keys went up. */
  private releaseAll(): void {
    const names = [...this.down];
    this.down.clear();
    for (const name of names) {
      const target = this.targets.value[name];
      if (target) this.handlers.release(target);
    }
  }

  private receive(data: Uint8Array): void {
    const signal = parseMidi(data);
    // A fader tells each of its steps: only the one over the middle counts.
    if (!signal || signal.isDown === this.down.has(signal.name)) return;
    const { name, isDown } = signal;
    if (isDown) this.down.add(name);
    else this.down.delete(name);
    const { value: learning } = this.learning;
    if (learning) {
      if (isDown) this.assign(name, learning);
      return;
    }
    const target = this.targets.value[name];
    if (target) this.handlers[isDown ? "press" : "release"](target);
  }

  private assign(name: string, target: KeyTarget): void {
    const others = Object.entries(this.targets.value).filter(
      ([key, other]) => key !== name && other !== target,
    );
    this.save([...others, [name, target]]);
    this.learning.set(null);
  }

  private save(entries: readonly (readonly [string, KeyTarget])[]): void {
    this.targets.set(Object.fromEntries(entries));
    storage.save("midi-keys", this.targets.value);
  }
}
