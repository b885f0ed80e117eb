import { LinkMeter, type Statistics } from "mocast-client";
import type { OwnPicture } from "./OwnPicture";
import { StatisticsHistory } from "./StatisticsHistory";
import { Store } from "./Store";

/** How the session goes, in numbers: the server's of each second, and the connection's beside them. */
export class SessionStatistics {
  readonly newest = new Store<Statistics | null>(null);
  readonly history = new StatisticsHistory();
  /** Of one connection. */
  private meter = new LinkMeter();

  /** `onComparison`: what the page's drawing saves begins to be measured, or that ends. */
  constructor(private readonly onComparison: () => void) {}

  /** The server's came, over this connection; `null`: it is gone. */
  async add(statistics: Statistics, connection: RTCPeerConnection | null, own: OwnPicture): Promise<void> {
    this.newest.set(statistics);
    if (!connection) return;
    const { meter } = this;
    const link = await meter.read(connection);
    if (meter !== this.meter) return;
    // It is 0 where nothing was encoded meanwhile.
    if (link?.encodeMs) own.setEncodeMs(link.encodeMs);
    const drawn = own.read();
    this.history.add(statistics, link, drawn);
    if (drawn && link && own.comparison.tick(link.receivedKbps)) this.onComparison();
  }

  /** The connection is over. */
  clear(): void {
    this.meter = new LinkMeter();
    this.newest.set(null);
    this.history.clear();
  }
}
