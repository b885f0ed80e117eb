import { Server } from "./Server";
import { type SubscribeOptions, Subscriber } from "./Subscriber";

/**
 * Follow a room: its landmarks, rigs and annotated picture, as far as they are listened to. It goes on until `close`, with
 * or without a publisher, over interruptions and restarts of the server.
 *
 * `server`: its address, empty for the one that the page came from; or a `Server`.
 */
export function subscribe(server: string | Server, room: string, options: SubscribeOptions = {}): Subscriber {
  return new Subscriber(Server.from(server, options.token), room, options);
}
