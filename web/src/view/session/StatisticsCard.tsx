import { useId, useState } from "preact/hooks";
import type { LiveController } from "../../state/LiveController";
import type { Series } from "../../state/Series";
import { Deferred } from "../controls/Deferred";
import { useStore } from "../controls/useStore";
import { Sparkline } from "./Sparkline";

const loadStatisticsPanel = async () => (await import("./StatisticsPanel")).StatisticsPanel;

const SAVED =
  "By drawing in this page: how much later the server's picture came, and what it took of the link, when this was measured on this device";

interface Row {
  readonly label: string;
  readonly unit: string;
  readonly hint: string;
  readonly series: Series;
  readonly ceiling: number;
}

/** The live statistics, each with a plot of the last minute. */
export function StatisticsCard({ live }: { live: LiveController }) {
  const { newest, history } = live.statistics;
  useStore(history.revision);
  const statistics = useStore(newest);
  const link = useStore(history.link);
  const shown = useStore(live.own.shown);
  const saving = useStore(live.own.comparison.saving);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const rows: Row[] = [
    row("Camera", "fps", "Frames that the server received per second", history.fpsIn, 30),
    row(
      "Annotated",
      "fps",
      "Annotated pictures per second, drawn by this page or returned by the server",
      history.fpsOut,
      30,
    ),
    row(
      "Round trip",
      "ms",
      "From the camera's picture to the annotated one: encoding, network, tracking, network, drawing; and decoding where the server draws",
      history.roundTripMs,
      200,
    ),
    row("Tracking", "ms", "Time in the tracker for one frame", history.trackingMs, 60),
    row(
      "Skipped",
      "/s",
      "Frames that were replaced by newer ones before the tracker was free",
      history.drops,
      15,
    ),
  ];
  return (
    <section class="card statistics" aria-label="Live figures">
      <dl>
        {rows.map(({ label, unit, hint, series, ceiling }) => (
          <div key={label} title={hint}>
            <dt>{label}</dt>
            <dd>
              <b>{series.last === null ? "–" : series.last.toFixed(0)}</b> <small>{unit}</small>
            </dd>
            <Sparkline series={series} revision={history.revision} ceiling={ceiling} />
          </div>
        ))}
      </dl>
      <div class="summary">
        <p class="faint">
          {statistics
            ? `${statistics.width} × ${statistics.height}, ${statistics.frames_tracked} of ${statistics.frames_in} frames tracked`
            : "Figures appear while you are live."}
          {link &&
            `, ${mbit(link.sentKbps)} up, ${mbit(link.receivedKbps)} down${link.isRelayed ? ", relayed" : ""}`}
          {statistics && shown === "here" && saving && (
            <span title={SAVED}>
              ; {saving.ms.toFixed(0)} ms and {mbit(saving.kbps)} saved
            </span>
          )}
        </p>
        <button
          type="button"
          class="button is-small"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          {isOpen ? "Fewer numbers" : "More numbers"}
        </button>
      </div>
      {isOpen && <Deferred load={loadStatisticsPanel} props={{ live, id }} />}
    </section>
  );
}

function row(label: string, unit: string, hint: string, series: Series, ceiling: number): Row {
  return { label, unit, hint, series, ceiling };
}

function mbit(kbps: number): string {
  return `${(kbps / 1000).toFixed(1)} Mbit/s`;
}
