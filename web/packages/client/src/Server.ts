import { errorFromResponse } from "./api/errorFromResponse";
import { MocastError } from "./MocastError";

/**
 * A token, or a function that has one, which is asked before each call: with the token that the server has just refused,
 * or with `null`. What it returns after a refusal is tried once, unless it is the same.
 */
export type TokenSource = string | ((refused: string | null) => string | Promise<string>);

/** A Mocast server: where it is, and the token that its calls carry, in a header, where no log and no other site sees it. */
export class Server {
  private readonly address: string;

  /** `address`: such as `https://mocast.example`; empty: where the page came from. */
  constructor(
    address = "",
    private readonly tokens: TokenSource = "",
  ) {
    this.address = address.replace(/\/+$/, "");
  }

  /**
   * The server itself, or that of an address.
   *
   * @internal
   */
  static from(server: string | Server, tokens?: TokenSource): Server {
    return server instanceof Server ? server : new Server(server, tokens);
  }

  /** The address of a path such as `v1/rooms`; a whole address is one already. */
  url(path: string): string {
    // Relative where the server has no address: the page may be behind a proxy's path prefix.
    return this.address && !/^https?:/.test(path) ? `${this.address}/${path}` : path;
  }

  /** The token for the next call; empty: none. `refused`: the one that the server has just refused. */
  async token(refused: string | null = null): Promise<string> {
    return typeof this.tokens === "string" ? this.tokens : this.tokens(refused);
  }

  /** `fetch` with the token. Rejects with a `MocastError` without an answer; resolves with any answer. */
  async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const token = await this.token();
    const response = await this.fetchOnce(path, init, token);
    if (response.status !== 401) return response;
    const other = await this.token(token);
    if (other === token) return response;
    const second = await this.fetchOnce(path, init, other);
    // Told, but not tried a third time: it may have ever new ones that are not valid.
    if (second.status === 401) await this.token(other);
    return second;
  }

  /** `fetch` that rejects with a `MocastError` unless it succeeded. */
  async request(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await this.fetch(path, init);
    if (!response.ok) throw await errorFromResponse(response);
    return response;
  }

  /** `request` with a JSON body, or none. */
  async call(method: string, path: string, body?: unknown): Promise<Response> {
    if (body === undefined) return this.request(path, { method });
    const headers = { "Content-Type": "application/json" };
    return this.request(path, { method, headers, body: JSON.stringify(body) });
  }

  private async fetchOnce(path: string, init: RequestInit, token: string): Promise<Response> {
    const headers = new Headers(init.headers);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    try {
      return await fetch(this.url(path), { ...init, headers });
    } catch (error) {
      init.signal?.throwIfAborted();
      throw new MocastError("unreachable", `${error}${this.originHint(path)}`);
    }
  }

  /** Browsers tell a page of another origin neither that it may not call a server nor that there is none. */
  private originHint(path: string): string {
    const origin = globalThis.location?.origin;
    if (!origin || !this.address || new URL(this.url(path)).origin === origin) return "";
    return `. No server is there, or its setting allowed_origins does not name ${origin}.`;
  }
}
