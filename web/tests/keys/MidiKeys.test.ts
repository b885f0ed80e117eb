import { beforeEach, expect, test } from "vitest";
import { MidiKeys } from "../../src/keys/MidiKeys";
import { stubStorage } from "../stubStorage";

interface Input {
  readonly name: string;
  readonly state: string;
  onmidimessage: ((event: { data: Uint8Array }) => void) | null;
}

class Device {
  asked = 0;
  readonly log: string[] = [];
  readonly input = { name: "Pads", state: "connected", onmidimessage: null } as { state: string } & Input;
  readonly access = { inputs: new Map([["1", this.input]]), onstatechange: null as (() => void) | null };
  readonly keys: MidiKeys;

  constructor(permission: string, isAllowed = true) {
    const browser = {
      permissions: { query: async () => ({ state: permission }) },
      requestMIDIAccess: async () => {
        this.asked += 1;
        if (!isAllowed) throw new DOMException("", "NotAllowedError");
        return this.access;
      },
    };
    this.keys = new MidiKeys(
      { press: (target) => this.log.push(`+${target}`), release: (target) => this.log.push(`-${target}`) },
      browser as unknown as ConstructorParameters<typeof MidiKeys>[1],
    );
  }

  send(...bytes: number[]): void {
    this.input.onmidimessage?.({ data: Uint8Array.from(bytes) });
  }
}

beforeEach(() => stubStorage());

test("the browser is asked for nothing until it is switched on, nor on a later visit that would need its question", async () => {
  const first = new Device("prompt");
  await first.keys.resume();
  expect(first.asked).toBe(0);
  await first.keys.switchOn();
  expect([first.asked, first.keys.state.value, first.keys.devices.value]).toEqual([1, "on", ["Pads"]]);
  const later = new Device("prompt");
  await later.keys.resume();
  expect(later.asked).toBe(0);
  const allowed = new Device("granted");
  await allowed.keys.resume();
  expect(allowed.keys.state.value).toBe("on");
});

test("a key stands for what it has learnt, on this visit and on the next", async () => {
  const device = new Device("granted");
  await device.keys.switchOn();
  device.send(0x90, 36, 100);
  device.send(0x80, 36, 0);
  expect(device.log).toEqual([]);
  device.keys.learn("pose 2");
  device.send(0x90, 36, 100);
  device.send(0x80, 36, 0);
  expect(device.log).toEqual(["-pose 2"]);
  const next = new Device("granted");
  await next.keys.resume();
  next.send(0x90, 36, 100);
  next.send(0x80, 36, 0);
  expect(next.log).toEqual(["+pose 2", "-pose 2"]);
  expect(next.keys.keyOf("pose 2")).toBe("note 1 36");
});

test("a key stands for one thing, a thing has one key, and both can be forgotten", async () => {
  const { keys, send } = learner(new Device("granted"));
  await keys.switchOn();
  keys.learn("pose 0");
  send(36);
  keys.learn("expression 1");
  send(36);
  expect(keys.targets.value).toEqual({ "note 1 36": "expression 1" });
  keys.learn("expression 1");
  send(40);
  expect(keys.targets.value).toEqual({ "note 1 40": "expression 1" });
  keys.forget("expression 1");
  expect(keys.targets.value).toEqual({});
});

function learner(device: Device) {
  const send = (note: number) => {
    device.send(0x90, note, 100);
    device.send(0x90, note, 0);
  };
  return { keys: device.keys, send };
}

test("a fader that moves counts once where it passes its middle", async () => {
  const device = new Device("granted");
  await device.keys.switchOn();
  device.keys.learn("expression 0");
  device.send(0xb0, 20, 127);
  device.send(0xb0, 20, 0);
  device.log.length = 0;
  for (const value of [30, 62, 64, 90, 127, 80, 63, 10]) device.send(0xb0, 20, value);
  expect(device.log).toEqual(["+expression 0", "-expression 0"]);
});

test("who refuses is told so, and nothing is heard once it is off", async () => {
  const refused = new Device("denied", false);
  await refused.keys.switchOn();
  expect(refused.keys.state.value).toBe("refused");
  const device = new Device("granted");
  await device.keys.switchOn();
  device.keys.switchOff();
  expect([device.input.onmidimessage, device.keys.state.value]).toEqual([null, "off"]);
  const without = new MidiKeys({ press: () => undefined, release: () => undefined }, {} as Navigator);
  await without.switchOn();
  expect(without.state.value).toBe("missing");
});

test("a key of a device that is unplugged or switched off while it is down is let go, and its next press counts", async () => {
  const device = new Device("granted");
  await device.keys.switchOn();
  device.keys.learn("pose 0");
  device.send(0x90, 36, 100);
  device.send(0x90, 36, 0);
  device.log.length = 0;
  device.send(0x90, 36, 100);
  device.input.state = "disconnected";
  device.access.onstatechange?.();
  expect(device.log).toEqual(["+pose 0", "-pose 0"]);
  device.input.state = "connected";
  device.access.onstatechange?.();
  device.send(0x90, 36, 100);
  device.keys.switchOff();
  expect(device.log).toEqual(["+pose 0", "-pose 0", "+pose 0", "-pose 0"]);
});
