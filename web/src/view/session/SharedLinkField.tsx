import type { ComponentChildren } from "preact";
import { useId, useState } from "preact/hooks";
import type { SharedLink } from "../../state/SharedLink";
import { withToken } from "../../state/withToken";
import { LiveRegion } from "../controls/LiveRegion";
import { useStore } from "../controls/useStore";
import { requestFailureText } from "../text/requestFailureText";
import { timeText } from "../text/timeText";

const HOUR_S = 3600;
const LIFETIMES: readonly (readonly [number, string])[] = [
  [HOUR_S, "1 hour"],
  [24 * HOUR_S, "1 day"],
  // The server's most.
  [7 * 24 * HOUR_S, "1 week"],
];

interface Props {
  readonly link: SharedLink;
  /** The link without its token. */
  readonly address: string;
  /** On the button that makes it. */
  readonly action: string;
  /** What whoever has the link may do, as the beginning of a sentence that tells how long. */
  readonly allows: string;
  /** How the link is shown. */
  children(address: string): ComponentChildren;
}

/** Makes a link with a token of its own, which lasts as long as is chosen, and shows it. */
export function SharedLinkField({ link, address, action, allows, children }: Props) {
  const created = useStore(link.created);
  const failure = useStore(link.failure);
  const [seconds, setSeconds] = useState(24 * HOUR_S);
  const id = useId();
  return (
    <div class="shared-link">
      <div class="row">
        <button type="button" class="button" onClick={() => void link.make(seconds)}>
          {action}
        </button>
        <label class="select" for={id}>
          <span class="for-readers">How long it lasts</span>
          <select id={id} value={seconds} onChange={(event) => setSeconds(Number(event.currentTarget.value))}>
            {LIFETIMES.map(([lifetime, label]) => (
              <option key={lifetime} value={lifetime}>
                for {label}
              </option>
            ))}
          </select>
        </label>
      </div>
      {failure && (
        <p class="remark" role="alert">
          {requestFailureText(failure)}
        </p>
      )}
      {created && children(withToken(address, created.token))}
      <LiveRegion>
        {created && (
          <small>
            {allows} until {timeText(new Date(created.expires_at))}, and nothing else.
          </small>
        )}
      </LiveRegion>
    </div>
  );
}
