import { CopyField } from "../controls/CopyField";

interface Props {
  readonly address: string;
  /** The address was copied: from now on it has to stay valid. */
  onCopy(): void;
}

/** The address of the avatar for OBS, and how to use it. */
export function ObsCard({ address, onCopy }: Props) {
  return (
    <section class="card">
      <h2>Use it in OBS</h2>
      <CopyField label="Address for OBS" text={address} onCopy={onCopy} />
      <ol class="steps">
        <li>In OBS, add a source of the kind Browser and paste this address as its URL.</li>
        <li>Give it the width and height of your canvas. It is transparent where the avatar is not.</li>
        <li>Your own model: right-click the source, Interact, and drop your VRM on it once.</li>
      </ol>
      <small>Once you copied it, this browser keeps the room, so that the address works tomorrow, too.</small>
    </section>
  );
}
