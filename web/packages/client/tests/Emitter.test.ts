import { expect, test, vi } from "vitest";
import { Emitter } from "../src/Emitter";

interface Events {
  number: number;
  text: string;
}

test("listeners get what they listen to, until they end it", () => {
  const emitter = new Emitter<Events>();
  const seen: unknown[] = [];
  const stop = emitter.on("number", (value) => seen.push(value));
  emitter.on("text", (value) => seen.push(value));
  emitter.emit("number", 1);
  stop();
  stop();
  emitter.emit("number", 2);
  emitter.emit("text", "a");
  expect(seen).toEqual([1, "a"]);
});

test("the first listener of a name and the end of the last are told; one function may listen twice", () => {
  const changes: [string, boolean][] = [];
  const emitter: Emitter<Events> = new Emitter((name) => changes.push([name, emitter.has(name)]));
  const listener = vi.fn();
  const stops = [emitter.on("number", listener), emitter.on("number", listener)];
  emitter.emit("number", 1);
  expect(listener).toHaveBeenCalledTimes(2);
  for (const stop of stops) stop();
  expect(changes).toEqual([
    ["number", true],
    ["number", false],
  ]);
});

test("a listener that throws does not keep the next one from being called, and its error is not lost", () => {
  const queued: (() => void)[] = [];
  vi.stubGlobal("queueMicrotask", (action: () => void) => queued.push(action));
  const emitter = new Emitter<Events>();
  const next = vi.fn();
  emitter.on("number", () => {
    throw new Error("mine");
  });
  emitter.on("number", next);
  emitter.emit("number", 1);
  vi.unstubAllGlobals();
  expect(next).toHaveBeenCalledOnce();
  expect(queued.map((action) => expect(action).toThrow("mine"))).toHaveLength(1);
});
