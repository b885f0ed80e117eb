import type { AnalysisController } from "../../state/AnalysisController";
import { useStore } from "../controls/useStore";
import { eventText } from "../text/eventText";

/** What happened, the newest first. */
export function EventsCard({ analysis }: { analysis: AnalysisController }) {
  const events = useStore(analysis.events);
  return (
    <section class="card events">
      <h2>Events</h2>
      {events.length === 0 ? (
        <small>Gestures, repetitions, nods and the like are listed here as they happen.</small>
      ) : (
        <>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard must be able to scroll it. */}
          <ol tabIndex={0} aria-label="Events, the newest first">
            {events.map((event) => (
              <li key={`${event.at} ${event.type} ${JSON.stringify(event.data)}`}>
                <time>{new Date(event.at).toLocaleTimeString()}</time> {eventText(event)}
              </li>
            ))}
          </ol>
          <div class="row">
            <button type="button" class="button is-small" onClick={() => analysis.clearEvents()}>
              Clear
            </button>
          </div>
        </>
      )}
    </section>
  );
}
