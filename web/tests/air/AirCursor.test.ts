import { expect, test } from "vitest";
import { AirCursor, type Pointer } from "../../src/air/AirCursor";
import { simulatedHand } from "./SimulatedHand";

const ZONE = { x: 0.5, y: 0.5, size: 0.4 };
const still = { image: 0, worldM: 0 };
const hand = (x: number, y: number, closed = 0) => simulatedHand({ x, y }, closed, still, () => 0);

/** The last pointer of hands that are shown one in each 30th of a second. */
function show(cursor: AirCursor, hands: readonly (ReturnType<typeof hand> | null)[], fromS = 0) {
  return hands.map((one, at) => cursor.update(one, fromS + at / 30, ZONE));
}

test("the cursor is where the mirrored hand is in its zone, and stays on the surface", () => {
  expect(show(new AirCursor(), [hand(0.5, 0.5)])[0]).toMatchObject({ x: 0.5, y: 0.5, isPinched: false });
  const aside = show(new AirCursor(), [hand(0.4, 0.6)])[0]!;
  expect(aside.x).toBeCloseTo(0.75, 5);
  expect(aside.y).toBeCloseTo(0.75, 5);
  expect(show(new AirCursor(), [hand(0.28, 0.72)])[0]).toMatchObject({ x: 1, y: 1 });
  expect(show(new AirCursor(), [hand(0.5, 0.95)])[0]).toBeNull();
});

test("a pinch clicks where the cursor was before the fingers moved", () => {
  const closing = [0, 0, 0.2, 0.5, 0.8, 1, 1].map((closed) => hand(0.5, 0.5, closed));
  const seen = show(new AirCursor(), closing);
  const clicks = seen.filter((pointer): pointer is Pointer => pointer?.click != null);
  expect(clicks).toHaveLength(1);
  expect(clicks[0].click!.x).toBeCloseTo(0.5, 2);
  // Half a key further off: closing them moved the cursor.
  expect(Math.abs(clicks[0].x - 0.5)).toBeGreaterThan(0.01);
});

test("a hand that is lost for a frame goes on, and one that is gone lets go", () => {
  const cursor = new AirCursor();
  show(cursor, [hand(0.5, 0.5), hand(0.5, 0.5, 1)]);
  expect(cursor.update(null, 0.1, ZONE)).toMatchObject({ isPinched: true, click: null });
  expect(cursor.update(null, 0.6, ZONE)).toBeNull();
  expect(cursor.update(hand(0.5, 0.5), 0.7, ZONE)).toMatchObject({ isPinched: false });
});

test("a hand whose landmarks did not arrive is none", () => {
  const broken = { ...hand(0.5, 0.5), image: new Float32Array(63).fill(Number.NaN) };
  expect(new AirCursor().update(broken, 0, ZONE)).toBeNull();
});
