import type { Output } from "mocast-client";
import { afterEach, expect, test, vi } from "vitest";
import { RoomOutputs } from "../../src/state/RoomOutputs";

const OPERATORS: Output = {
  kind: "vmc",
  host: "10.0.0.1",
  port: 39539,
  parts: ["body", "face"],
  mirror: false,
  person: 0,
  names: "vrm1",
  fixed: true,
  state: "sending",
  detail: "",
  sent: 7,
  dropped: 0,
  errors: 0,
};

afterEach(() => vi.unstubAllGlobals());

test("what is set is sent as options alone, and shown as the server answers", async () => {
  const bodies: unknown[] = [];
  vi.stubGlobal("fetch", async (url: string, { body }: RequestInit) => {
    expect(url).toBe("v1/rooms/my%20room/outputs");
    const { outputs } = JSON.parse(body as string) as { outputs: Output[] };
    bodies.push(outputs);
    const answered = outputs.map((output) => ({ ...output, fixed: false, state: "idle", detail: "" }));
    return Response.json({ outputs: [OPERATORS, ...answered] });
  });
  const outputs = new RoomOutputs("my room");
  await outputs.set([{ ...OPERATORS, fixed: false } as Output]);
  expect(bodies).toEqual([
    [{ kind: "vmc", host: "10.0.0.1", port: 39539, parts: ["body", "face"], mirror: false, names: "vrm1" }],
  ]);
  expect(outputs.list.value.map(({ fixed, state }) => [fixed, state])).toEqual([
    [true, "sending"],
    [false, "idle"],
  ]);
});

test("an address that the operator does not allow leaves the list and gives the reason", async () => {
  vi.stubGlobal("fetch", async () => Response.json({ detail: "8.8.8.8 is outside" }, { status: 403 }));
  const outputs = new RoomOutputs("mine");
  await outputs.set([{ kind: "vts", host: "8.8.8.8", port: 8001 }]);
  expect(outputs.failure.value?.detail).toBe("8.8.8.8 is outside");
  expect(outputs.list.value).toEqual([]);
});
