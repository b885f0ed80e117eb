import { expect, test } from "vitest";
import { ServerSentEvents } from "../../src/api/ServerSentEvents";

test("events come whole, however the stream was cut, and comments are none", () => {
  const text =
    'retry: 2000\n\n: \n\nid: a-1\nevent: job\ndata: {"x": "y: z"}\n\ndata: 1\ndata: 2\n\nevent: deleted\ndata: {}\n\n';
  for (const size of [1, 7, 1000]) {
    const events = new ServerSentEvents();
    const found = [];
    for (let at = 0; at < text.length; at += size) found.push(...events.push(text.slice(at, at + size)));
    expect(found).toEqual([
      { id: "a-1", event: "job", data: '{"x": "y: z"}' },
      { id: "", event: "message", data: "1\n2" },
      { id: "", event: "deleted", data: "{}" },
    ]);
  }
});
