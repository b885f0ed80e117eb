/** One event of a stream of server-sent events (HTML, section 9.2). */
export interface ServerSentEvent {
  readonly id: string;
  readonly event: string;
  readonly data: string;
}

/** Makes events of a stream's text, as it comes. */
export class ServerSentEvents {
  private rest = "";

  /** Take in the next piece of text; return the events that are whole now. Comments and other fields are left out. */
  push(text: string): ServerSentEvent[] {
    const blocks = (this.rest + text).split("\n\n");
    this.rest = blocks.pop() ?? "";
    return blocks.map(eventOf).filter((event) => event.data !== "");
  }
}

function eventOf(block: string): ServerSentEvent {
  const fields: Record<string, string> = {};
  for (const line of block.split("\n")) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name) fields[name] = name in fields && name === "data" ? `${fields[name]}\n${value}` : value;
  }
  return { id: fields.id ?? "", event: fields.event ?? "message", data: fields.data ?? "" };
}
