import type { LinkStatistics, Room, Statistics } from "mocast-client";
import { useEffect, useState } from "preact/hooks";
import { ownServer } from "../../api/ownServer";
import type { Saving } from "../../state/DrawingComparison";
import type { LiveController } from "../../state/LiveController";
import { percentile } from "../../state/percentile";
import { useStore } from "../controls/useStore";

const ROOM_POLL_MS = 2000;

interface Group {
  readonly title: string;
  /** Label, value and, where it is needed, what it says. */
  readonly rows: readonly (readonly [string, string, string?])[];
}

/** All that the page knows of the session, in numbers, once a second; measures nothing while it is not shown. */
export function StatisticsPanel({ live, id }: { live: LiveController; id: string }) {
  useStore(live.statistics.history.revision);
  const statistics = useStore(live.statistics.newest);
  const link = useStore(live.statistics.history.link);
  const room = useRoomState(live.room);
  const shown = useStore(live.own.shown);
  const saving = useStore(live.own.comparison.saving);
  const groups = statistics
    ? [framesGroup(statistics, link), timesGroup(live, statistics, link), dropsGroup(statistics, link)]
    : [];
  if (saving && shown === "here") groups.push(savedGroup(saving));
  if (link) groups.push(linkGroup(link));
  if (room) groups.push(roomGroup(room));
  return (
    <div id={id} class="details">
      {groups.length === 0 && <p class="faint">Nothing to tell before the session is live.</p>}
      {groups.map(({ title, rows }) => (
        <section key={title} aria-label={title}>
          <h2>{title}</h2>
          <dl>
            {rows.map(([label, value, hint]) => (
              <div key={label} title={hint}>
                <dt>{label}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </section>
      ))}
    </div>
  );
}

function framesGroup(statistics: Statistics, link: LinkStatistics | null): Group {
  return {
    title: "Frames per second",
    rows: [
      ["Received", rate(statistics.fps_in), "Decoded by the server"],
      ["Tracked", rate(statistics.fps_tracked)],
      ["Returned", rate(statistics.fps_out), "Handed to the server's encoder"],
      ["Decoded here", link ? rate(link.fpsShown) : "–", "Of those that were returned"],
    ],
  };
}

function timesGroup(live: LiveController, statistics: Statistics, link: LinkStatistics | null): Group {
  const tracking = live.picture.frames.frames.map(({ trackingMs }) => trackingMs);
  const { delay_ms, delay_p95_ms } = statistics;
  return {
    title: "Time, ms (p50 / p95)",
    rows: [
      [
        "Round trip",
        within(live.statistics.history.roundTripMs.all),
        "Of the last minute, camera to annotated picture",
      ],
      ["Tracking", within(tracking), "Of the last frames, in the tracker"],
      [
        "Server",
        `${delay_ms.toFixed(0)} / ${delay_p95_ms.toFixed(0)}`,
        "From a frame decoded to its results ready",
      ],
      ["Rig", statistics.rigging_ms.toFixed(1), "Median; 0 while nobody wants it"],
      ["Network", link ? link.networkMs.toFixed(0) : "–", "There and back"],
    ],
  };
}

function dropsGroup(statistics: Statistics, link: LinkStatistics | null): Group {
  return {
    title: "Dropped so far",
    rows: [
      ["Frames", count(statistics.frames_dropped), "Overtaken by a newer one, lost on the way, or failed"],
      ["Landmarks", count(statistics.landmarks_dropped), "Frames for which the channel was full"],
      ["Rigs", count(statistics.rigs_dropped), "Frames for which the channel was full"],
      ["Pictures here", link ? count(link.framesDropped) : "–", "Came, and were not shown by this page"],
      ["Tracker restarts", count(statistics.tracker_failures)],
    ],
  };
}

function savedGroup({ ms, kbps }: Saving): Group {
  return {
    title: "Saved by drawing here",
    rows: [
      [
        "Delay",
        `${ms.toFixed(0)} ms`,
        "How much later the server's picture came, when this was measured on this device",
      ],
      ["Down", `${(kbps / 1000).toFixed(2)} Mbit/s`, "What the server's picture took of the link then"],
    ],
  };
}

function linkGroup(link: LinkStatistics): Group {
  return {
    title: "Link",
    rows: [
      ["Up", `${(link.sentKbps / 1000).toFixed(2)} Mbit/s`],
      ["Up, lost", percent(link.sentLoss), "Packets, as the server last reported"],
      ["Down", `${(link.receivedKbps / 1000).toFixed(2)} Mbit/s`],
      ["Down, lost", percent(link.receivedLoss), "Packets, in the last second"],
      ["Way", link.isRelayed ? "by a relay" : "direct"],
    ],
  };
}

function roomGroup({ viewers, readers, outputs, recording }: Room): Group {
  return {
    title: "Room",
    rows: [
      ["Viewers", count(viewers), "Over WebRTC: OBS, other pages"],
      ["Readers", count(readers), "Over WebSockets: programs, the bridge"],
      ["Apps", count(outputs), "That the server itself sends to"],
      ["Recording", recording ? "yes" : "no"],
    ],
  };
}

/** The room's state, asked for again and again; `null` until it is known, and where it is not to be had. */
function useRoomState(name: string): Room | null {
  const [room, setRoom] = useState<Room | null>(null);
  useEffect(() => {
    const ask = () =>
      ownServer
        .call("GET", `v1/rooms/${encodeURIComponent(name)}`)
        .then((answer) => answer.json())
        .then(setRoom, () => setRoom(null));
    void ask();
    const timer = setInterval(ask, ROOM_POLL_MS);
    return () => clearInterval(timer);
  }, [name]);
  return room;
}

function within(values: readonly number[]): string {
  const [half, most] = [percentile(values, 0.5), percentile(values, 0.95)];
  return half === null || most === null ? "–" : `${half.toFixed(0)} / ${most.toFixed(0)}`;
}

const rate = (value: number) => value.toFixed(1);
const count = (value: number) => value.toLocaleString("en");
const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
