import { Publisher, type PublishOptions } from "./Publisher";
import { videoTrack } from "./rtc/videoTrack";
import { Server } from "./Server";

/**
 * Send a camera to a room. It goes on until `close`, over interruptions and restarts of the server.
 *
 * `server`: its address, empty for the one that the page came from; or a `Server`. `stream`: with a video track, else a
 * `TypeError`.
 */
export function publish(
  server: string | Server,
  room: string,
  stream: MediaStream,
  options: PublishOptions = {},
): Publisher {
  return new Publisher(Server.from(server, options.token), room, videoTrack(stream), options);
}
