import type { OutputKind } from "mocast-client";
import { useEffect, useState } from "preact/hooks";
import { bridgeCommand } from "../../state/bridgeCommand";
import type { RoomOutputs } from "../../state/RoomOutputs";
import { roomAddress } from "../../state/roomAddress";
import type { SharedLink } from "../../state/SharedLink";
import { storage } from "../../storage/storage";
import { CopyField } from "../controls/CopyField";
import { SharedLinkField } from "../session/SharedLinkField";
import { OutputsField } from "./OutputsField";
import { outputKinds, outputLabels } from "./outputLabels";

interface Props {
  readonly room: string;
  /** What makes the token that the bridge needs; `null` where the server asks nobody for one. */
  readonly link: SharedLink | null;
  readonly outputs: RoomOutputs;
  /** Whether the server's operator allows its own outputs. */
  readonly hasOutputs: boolean;
  readonly isShown: boolean;
  /** An address with the room was copied: from now on it has to stay valid. */
  onCopy(): void;
}

/** How other apps get the motion: by a bridge on their own machine, or from the server where its operator allows it. */
export function AppsCard({ room, link, outputs, hasOutputs, isShown, onCopy }: Props) {
  const [chosen, setChosen] = useState<readonly OutputKind[]>(
    () => storage.load<OutputKind[]>("bridge-apps") ?? ["vmc"],
  );
  const isWatched = hasOutputs && isShown;
  useEffect(() => (isWatched ? outputs.watch() : undefined), [outputs, isWatched]);
  const toggle = (app: OutputKind) => {
    const next = outputKinds.filter((other) => (other === app) !== chosen.includes(other));
    storage.save("bridge-apps", next);
    setChosen(next);
  };
  const address = roomAddress(location.href, room);
  const command = (full: string) => (
    <CopyField label="Command for the bridge" text={bridgeCommand(full, chosen)} onCopy={onCopy} />
  );
  return (
    <section class="card">
      <h2>Send to other apps</h2>
      <fieldset class="field">
        <legend>Run this where your apps run</legend>
        <div class="chips">
          {outputKinds.map((app) => (
            <label key={app} class="chip" title={outputLabels[app].hint}>
              <input type="checkbox" checked={chosen.includes(app)} onChange={() => toggle(app)} />
              <span>{outputLabels[app].label}</span>
            </label>
          ))}
        </div>
        {link ? (
          <SharedLinkField
            link={link}
            address={address}
            action="Make a command"
            allows="Whoever has it sees this room"
          >
            {command}
          </SharedLinkField>
        ) : (
          command(address)
        )}
      </fieldset>
      {hasOutputs && <OutputsField outputs={outputs} />}
    </section>
  );
}
