import { afterEach, beforeEach, vi } from "vitest";

/** A data channel that the test opens, and through which it says what a server would. */
export class FakeChannel extends EventTarget {
  readyState = "connecting";
  readonly sent: Record<string, unknown>[] = [];

  constructor(readonly label: string) {
    super();
  }

  open(): void {
    this.readyState = "open";
    this.dispatchEvent(new Event("open"));
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  receive(data: object | ArrayBuffer): void {
    const isBytes = data instanceof ArrayBuffer;
    this.dispatchEvent(Object.assign(new Event("message"), { data: isBytes ? data : JSON.stringify(data) }));
  }

  close(): void {
    this.readyState = "closed";
  }
}

/** A connection of the browser's whose offer is always answered. */
export class FakePeer extends EventTarget {
  readonly channels: FakeChannel[] = [];
  readonly parameters: { encodings: RTCRtpEncodingParameters[] } = { encodings: [] };
  readonly sender = {
    replaceTrack: vi.fn(),
    getParameters: () => this.parameters,
    setParameters: vi.fn(),
  };
  readonly audioSender = { replaceTrack: vi.fn() };
  /** What was added, with its direction. */
  readonly transceivers: [unknown, string?][] = [];
  readonly localDescription = { sdp: "v=0\r\n" };
  readonly iceGatheringState = "complete";
  connectionState = "new";
  iceConnectionState = "checking";

  /** The open or opening channel of this label. */
  channel(label: string): FakeChannel | undefined {
    return this.channels.find((channel) => channel.label === label && channel.readyState !== "closed");
  }

  createDataChannel(label: string): FakeChannel {
    this.channels.push(new FakeChannel(label));
    return this.channels.at(-1)!;
  }

  addTransceiver(what: unknown, { direction, sendEncodings }: RTCRtpTransceiverInit = {}): unknown {
    this.transceivers.push([what, direction]);
    if (sendEncodings) this.parameters.encodings = sendEncodings;
    const isAudio = what === "audio" || (what as { kind?: string }).kind === "audio";
    return { sender: isAudio ? this.audioSender : this.sender, receiver: { track: {} } };
  }

  getConfiguration(): object {
    return {};
  }

  setConfiguration(): void {}
  async setLocalDescription(): Promise<void> {}
  async setRemoteDescription(): Promise<void> {}
  close(): void {}
}

/** A browser whose connections are `FakePeer`s, and a server that answers every offer; what was made and asked. */
export function stubBrowser() {
  const peers: FakePeer[] = [];
  const calls: string[] = [];
  const bodies: unknown[] = [];
  vi.stubGlobal("RTCPeerConnection", function RTCPeerConnection() {
    peers.push(new FakePeer());
    return peers.at(-1);
  });
  vi.stubGlobal("MediaStream", class {});
  vi.stubGlobal("fetch", async (url: string, { method, body }: RequestInit) => {
    calls.push(`${method} ${url}`);
    bodies.push(body);
    const headers = { Location: `../../sessions/${peers.length}` };
    const answer = new Response(method === "POST" ? "v=0\r\n" : null, {
      status: method === "POST" ? 201 : 204,
      headers,
    });
    return Object.defineProperty(answer, "url", { value: new URL(url, "https://h/").href });
  });
  return { peers, calls, bodies };
}

/** Each test of the file has a browser of its own, as of `stubBrowser`, and a clock that it moves; the present one's. */
export function eachWithBrowser(): ReturnType<typeof stubBrowser> {
  const present = {} as ReturnType<typeof stubBrowser>;
  beforeEach(() => {
    vi.useFakeTimers();
    Object.assign(present, stubBrowser());
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });
  return present;
}
