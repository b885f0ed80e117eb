import type { SharedLink } from "../../state/SharedLink";
import { SharedLinkField } from "../session/SharedLinkField";
import { ViewerAddress } from "./ViewerAddress";

interface Props {
  /** Of the room's avatar, without a token. */
  readonly address: string;
  /** What makes a token for it; `null` where the server asks nobody for one. */
  readonly link: SharedLink | null;
  /** The address was copied: from now on it has to stay valid. */
  onCopy(): void;
}

/** The address of the avatar for OBS, and how to use it. */
export function ObsCard({ address, link, onCopy }: Props) {
  return (
    <section class="card">
      <h2>Use it in OBS</h2>
      {link ? (
        <SharedLinkField
          link={link}
          address={address}
          action="Make a viewer link"
          allows="Whoever has it sees this room"
        >
          {(full) => <ViewerAddress address={full} onCopy={onCopy} />}
        </SharedLinkField>
      ) : (
        <ViewerAddress address={address} onCopy={onCopy} />
      )}
      <ol class="steps">
        <li>In OBS, add a source of the kind Browser and paste this address as its URL.</li>
        <li>Give it the width and height of your canvas. It is transparent where the avatar is not.</li>
        <li>Your own model: right-click the source, Interact, and drop your VRM on it once.</li>
      </ol>
      <small>
        {link
          ? "Once you copied it, this browser keeps the room, so that the address works for as long as its token."
          : "Once you copied it, this browser keeps the room, so that the address works tomorrow, too."}
      </small>
    </section>
  );
}
