import type { RigFrame } from "mocast-client";
import { beforeEach, expect, test } from "vitest";
import { AvatarFailure } from "../../src/avatar/AvatarFailure";
import { GuestList } from "../../src/avatar/GuestList";

const here = {
  found: { body: true, face: false, leftHand: false, rightHand: false, halfBody: false },
} as RigFrame;
const nobody = { found: { ...here.found, body: false } } as RigFrame;

class Stage {
  private readonly present = new Set<string>();
  invited: string[] = [];
  pushed: string[] = [];
  failure: AvatarFailure | null = null;

  async invite(name: string, source: string | Blob): Promise<void> {
    this.invited.push(`${name} ${source}`);
    if (this.failure) throw this.failure;
    this.present.add(name);
  }

  has(name: string): boolean {
    return this.present.has(name);
  }

  push(name: string): void {
    this.pushed.push(name);
  }
}

let stage: Stage;
let problem: string;
let guests: GuestList;

beforeEach(() => {
  stage = new Stage();
  problem = "";
  guests = new GuestList(
    stage,
    (name) => `${name}.vrm`,
    (detail) => {
      problem = detail;
    },
  );
});

test("whoever is seen is invited once, with an avatar of their own", async () => {
  guests.push("0/1", nobody);
  expect(stage.invited).toEqual([]);
  for (let frame = 0; frame < 3; frame += 1) guests.push("0/1", here);
  guests.push("1/0", here);
  expect(stage.invited).toEqual(["0/1 0/1.vrm", "1/0 1/0.vrm"]);
  expect(stage.pushed).toHaveLength(5);
});

test("an avatar that cannot be had is told of, and not asked for with every frame", async () => {
  stage.failure = new AvatarFailure("missing", "There is nothing at x.");
  guests.push("0/1", here);
  await Promise.resolve();
  await Promise.resolve();
  expect(problem).toBe("There is nothing at x.");
  guests.push("0/1", here);
  expect(stage.invited).toHaveLength(1);
});
