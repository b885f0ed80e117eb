import { expect, test } from "vitest";
import { RigPlayer } from "../../src/avatar/RigPlayer";
import { AvatarDelay } from "../../src/state/AvatarDelay";
import { rigs } from "../avatar/rigs";

test("percentiles are of the last ten seconds, read once a second", () => {
  const delay = new AvatarDelay();
  delay.add(40, 90, 0);
  expect(delay.figures.value).toEqual({ toRig: { p50: 40, p95: 40 }, toScreen: { p50: 90, p95: 90 } });
  delay.add(400, 900, 500);
  expect(delay.figures.value?.toRig.p95).toBe(40);
  for (let rig = 0; rig < 300; rig += 1) delay.add(rig < 150 ? 20 : 60, 100, 1000 + rig * 33);
  expect(delay.figures.value?.toRig).toEqual({ p50: 20, p95: 60 });
  delay.clear();
  expect(delay.figures.value).toBeNull();
});

test("without an avatar drawn there are no figures yet", () => {
  const delay = new AvatarDelay();
  delay.add(40, null, 0);
  expect(delay.figures.value).toBeNull();
});

test("a player tells how far what it shows lies behind the newest rig", () => {
  const player = new RigPlayer();
  expect(player.lagMs).toBeNull();
  player.isImmediate = true;
  for (let frame = 0; frame < 10; frame += 1)
    player.push(rigs.turned((frame * 100) / 3, 0), 1000 + (frame * 100) / 3);
  player.play(1000 + 300);
  expect(player.lagMs).toBe(0);
  player.isImmediate = false;
  player.play(1000 + 301);
  expect(player.lagMs).toBeGreaterThan(20);
  expect(player.lagMs).toBeLessThan(80);
});
