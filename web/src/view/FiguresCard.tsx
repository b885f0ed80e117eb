import type { Series } from "../studio/Series";
import type { Studio } from "../studio/Studio";
import { Sparkline } from "./Sparkline";
import { useStore } from "./useStore";

interface Figure {
  readonly label: string;
  readonly unit: string;
  readonly hint: string;
  readonly series: Series;
  readonly ceiling: number;
}

/** The live figures with a minute of their past. */
export function FiguresCard({ studio }: { studio: Studio }) {
  const { figures } = studio;
  useStore(figures.added);
  const statistics = useStore(studio.statistics);
  const link = useStore(figures.link);
  const rows: Figure[] = [
    row("Camera", "fps", "Frames that the server received per second", figures.fpsIn, 30),
    row("Returned", "fps", "Annotated pictures that this page decoded per second", figures.fpsOut, 30),
    row(
      "Round trip",
      "ms",
      "From the camera's picture to the annotated one: encoding, network, tracking, drawing, network, decoding",
      figures.roundTripMs,
      200,
    ),
    row("Tracking", "ms", "Time in the tracker for one frame", figures.trackingMs, 60),
    row(
      "Skipped",
      "/s",
      "Frames that were replaced by newer ones before the tracker was free",
      figures.drops,
      15,
    ),
  ];
  return (
    <section class="card figures" aria-label="Live figures">
      <dl>
        {rows.map(({ label, unit, hint, series, ceiling }) => (
          <div key={label} title={hint}>
            <dt>{label}</dt>
            <dd>
              <b>{series.last === null ? "–" : series.last.toFixed(0)}</b> <small>{unit}</small>
            </dd>
            <Sparkline series={series} added={figures.added} ceiling={ceiling} />
          </div>
        ))}
      </dl>
      <p class="faint">
        {statistics
          ? `${statistics.width} × ${statistics.height}, ${statistics.frames_tracked} of ${statistics.frames_in} frames tracked`
          : "Figures appear while you are live."}
        {link &&
          `, ${mbit(link.sentKbps)} up, ${mbit(link.receivedKbps)} down${link.isRelayed ? ", relayed" : ""}`}
      </p>
    </section>
  );
}

function row(label: string, unit: string, hint: string, series: Series, ceiling: number): Figure {
  return { label, unit, hint, series, ceiling };
}

function mbit(kbps: number): string {
  return `${(kbps / 1000).toFixed(1)} Mbit/s`;
}
