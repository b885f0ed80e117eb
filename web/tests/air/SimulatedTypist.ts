/**
 * Somebody who types on the keyboard in the air, by models of the literature in place of a person. Each selection takes as
 * long as Fitts' law says, with the lag of what is seen (MacKenzie and Ware, INTERCHI 1993: MT = 230 + (169 + 1.03 LAG) ID
 * milliseconds, for a mouse; a hand in the air is slower, which `slopeS` says). The hand moves with minimum jerk (Flash and
 * Hogan 1985) to a place that scatters as Fitts' law takes it to (4.133 standard deviations are the target's width), and
 * then pinches. Wrong letters are seen and taken back.
 */

import { defaultZone } from "../../src/air/ActiveZone";
import { AirKeyboard, type KeyboardState } from "../../src/air/AirKeyboard";
import type { Key } from "../../src/air/Key";
import { normalNumbers, uniformNumbers } from "./randomNumbers";
import { type Noise, simulatedHand, VIEW_CM } from "./SimulatedHand";

export interface Typist {
  /** One hand types all, or each hand its half of the keyboard, one after the other and never at once. */
  readonly hands: 1 | 2;
  /** Seconds for each bit of difficulty, without the lag. */
  readonly slopeS: number;
  /** From a motion to its cursor on the screen. */
  readonly lagS: number;
  readonly usesSuggestions: boolean;
  readonly noise: Noise;
  /** Frames in which a hand is not found. */
  readonly lostShare: number;
  readonly fps: number;
}

export const typist: Typist = {
  hands: 2,
  slopeS: 0.25,
  lagS: 0.1,
  usesSuggestions: true,
  noise: { image: 0.0025, worldM: 0.003 },
  lostShare: 0.02,
  fps: 30,
};

const INTERCEPT_S = 0.23;
const LAG_FACTOR = 1.03;
const CLOSE_S = 0.12;
const HOLD_S = 0.08;
/** To look at the suggestions, after each letter from the second on. */
const GLANCE_S = 0.2;
/** To see that something is wrong. */
const NOTICE_S = 0.4;
const LIMIT_S = 600;
/** Standard deviations in the effective width of a target (ISO 9241-9). */
const WIDTH_SIGMAS = 4.133;

export interface Typed {
  readonly seconds: number;
  readonly wordsPerMinute: number;
  /** Pressed keys, and those of them that were wrong. */
  readonly presses: number;
  readonly wrong: number;
  /** Pinches that pressed nothing. */
  readonly missed: number;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** A hand: where the middle of its finger tips is in the picture, and how far these have closed, 0..1. */
interface TypingHand {
  place: Point;
  closed: number;
}

/** Type the text to its end; throws where it takes longer than ten minutes. */
export function typeText(text: string, who: Typist, seed: number): Typed {
  return new Session(text, who, seed).run();
}

class Session {
  private readonly keyboard = new AirKeyboard(defaultZone);
  private readonly normal: () => number;
  private readonly uniform: () => number;
  private readonly left: TypingHand = { place: toImage({ x: 0.25, y: 0.5 }), closed: 0 };
  private readonly right: TypingHand = { place: toImage({ x: 0.75, y: 0.5 }), closed: 0 };
  private state: KeyboardState = this.keyboard.state();
  private nowS = 0;
  private presses = 0;
  private wrong = 0;
  private missed = 0;

  constructor(
    private readonly text: string,
    private readonly who: Typist,
    seed: number,
  ) {
    this.normal = normalNumbers(seed);
    this.uniform = uniformNumbers(seed + 1);
  }

  run(): Typed {
    let firstS: number | null = null;
    while (this.state.text.trimEnd() !== this.text) {
      if (this.nowS > LIMIT_S) throw new Error(`not typed in ${LIMIT_S} s: ${this.state.text}`);
      this.select(this.next());
      firstS ??= this.nowS;
    }
    const seconds = this.nowS - (firstS ?? 0);
    const wordsPerMinute = (this.text.length - 1) / 5 / (seconds / 60);
    return { seconds, wordsPerMinute, presses: this.presses, wrong: this.wrong, missed: this.missed };
  }

  /** The key to press: it takes back what is wrong, takes a suggestion that saves two keys, or types the next letter. */
  private next(): Key {
    const { text, state } = this;
    const written = state.text;
    if (!text.startsWith(written)) {
      this.wait(NOTICE_S);
      return this.key("back");
    }
    const rest = text.slice(written.length);
    const [word] = /^[a-z']*/.exec(rest)!;
    const begun = /[a-z']*$/.exec(written)![0];
    const looks = this.who.usesSuggestions && begun.length >= 2;
    if (looks) this.wait(GLANCE_S);
    const suggested = state.keys.find(({ action }) => action.is === "word" && action.word === begun + word);
    if (looks && suggested && word.length >= 2) return suggested;
    return this.key(rest[0] === " " ? "space" : rest[0]);
  }

  private key(id: string): Key {
    const key = this.state.keys.find((one) => one.id === id);
    if (!key) throw new Error(`there is no key ${id}`);
    return key;
  }

  private select(key: Key): void {
    const hand = this.handFor(key);
    this.reach(hand, key);
    const pressed = this.pinch(hand);
    this.presses += pressed.length;
    this.wrong += pressed.filter(({ id }) => id !== key.id).length;
    if (pressed.length === 0) this.missed += 1;
  }

  /** Each half has its hand, and what lies across the middle the nearer one. */
  private handFor(key: Key): TypingHand {
    const { left, right, who } = this;
    if (who.hands === 1) return right;
    if (key.x + key.width <= 0.5) return left;
    if (key.x >= 0.5) return right;
    const far = (hand: TypingHand) => distanceCm(hand.place, aimedAt(key, hand.place));
    return far(left) < far(right) ? left : right;
  }

  /** Move to the key, while the fingers of the last pinch open. */
  private reach(hand: TypingHand, key: Key): void {
    const from = hand.place;
    const aimed = aimedAt(key, from);
    // The smaller of both sizes, as MacKenzie and Buxton (CHI 1992) found for rectangles.
    const widthCm = Math.min(key.width * VIEW_CM.x, key.height * VIEW_CM.y) * defaultZone.size;
    const difficulty = Math.log2(distanceCm(from, aimed) / widthCm + 1);
    const tookS = INTERCEPT_S + (this.who.slopeS + LAG_FACTOR * this.who.lagS) * difficulty;
    const scatter = () => (this.normal() * widthCm) / WIDTH_SIGMAS;
    const to = { x: aimed.x + scatter() / VIEW_CM.x, y: aimed.y + scatter() / VIEW_CM.y };
    this.during(tookS, (share) => {
      const way = minimumJerk(share);
      hand.place = { x: from.x + way * (to.x - from.x), y: from.y + way * (to.y - from.y) };
    });
  }

  private pinch(hand: TypingHand): readonly Key[] {
    const closing = this.during(CLOSE_S, (share) => {
      hand.closed = minimumJerk(share);
    });
    const held = this.during(HOLD_S, () => {
      hand.closed = 1;
    });
    return [...closing, ...held];
  }

  private wait(seconds: number): void {
    this.during(seconds, () => undefined);
  }

  /** Show the camera frame after frame of it; returns the keys that were pressed. */
  private during(seconds: number, move: (share: number) => void): readonly Key[] {
    const frames = Math.max(1, Math.round(seconds * this.who.fps));
    const pressed: Key[] = [];
    for (let number = 1; number <= frames; number += 1) {
      // Fingers open by themselves where nothing keeps them shut.
      for (const hand of [this.left, this.right])
        hand.closed = Math.max(0, hand.closed - 1 / (CLOSE_S * this.who.fps));
      move(number / frames);
      pressed.push(...this.show());
    }
    return pressed;
  }

  private show(): readonly Key[] {
    this.nowS += 1 / this.who.fps;
    const seen = (hand: TypingHand) =>
      this.uniform() < this.who.lostShare
        ? null
        : simulatedHand(hand.place, hand.closed, this.who.noise, this.normal);
    const state = this.keyboard.update({
      pts: Math.round(this.nowS * 90_000),
      leftHand: this.who.hands === 2 ? seen(this.left) : null,
      rightHand: seen(this.right),
    });
    if (!state) throw new Error("the frames are in order");
    this.state = state;
    return state.pressed;
  }
}

/** The way of a movement from 0 to 1 that changes its acceleration the least. */
function minimumJerk(share: number): number {
  return share ** 3 * (10 - 15 * share + 6 * share ** 2);
}

/** Where in the picture the hand goes to press a key: its middle, and on a wide key the nearest place well within. */
function aimedAt({ x, y, width, height }: Key, from: Point): Point {
  const fromX = 0.5 - (from.x - defaultZone.x) / defaultZone.size;
  const margin = Math.min(width, height) / 2;
  return toImage({ x: Math.min(Math.max(fromX, x + margin), x + width - margin), y: y + height / 2 });
}

function toImage({ x, y }: Point): Point {
  return { x: defaultZone.x + (0.5 - x) * defaultZone.size, y: defaultZone.y + (y - 0.5) * defaultZone.size };
}

function distanceCm(from: Point, to: Point): number {
  return Math.hypot((to.x - from.x) * VIEW_CM.x, (to.y - from.y) * VIEW_CM.y);
}
