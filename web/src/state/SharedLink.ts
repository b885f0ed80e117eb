import type { Token, TokenRequest } from "mocast-client";
import { createToken } from "../api/createToken";
import { Failure } from "../Failure";
import { Store } from "./Store";

/** The token of a link to the room for somebody else, with grants of its own and an end. */
export class SharedLink {
  /** `null` until one was made. */
  readonly created = new Store<Token | null>(null);
  readonly failure = new Store<Failure | null>(null);

  constructor(
    private readonly room: string,
    private readonly grants: TokenRequest["grants"],
  ) {}

  /** Make a token that lasts so long, in place of the one that was made before. */
  async make(seconds: number): Promise<void> {
    this.failure.set(null);
    this.created.set(null);
    try {
      this.created.set(await createToken({ room: this.room, grants: this.grants, ttl_s: seconds }));
    } catch (error) {
      this.failure.set(Failure.from(error));
    }
  }
}
