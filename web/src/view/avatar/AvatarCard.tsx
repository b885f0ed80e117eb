import type { AvatarSelection } from "../../state/AvatarSelection";
import { FileButton } from "../controls/FileButton";
import { Icon } from "../controls/Icon";
import { useStore } from "../controls/useStore";

/** Which avatar is shown, and buttons to choose another. */
export function AvatarCard({ selection }: { selection: AvatarSelection }) {
  const own = useStore(selection.own);
  return (
    <section class="card">
      <h2>Avatar</h2>
      <p class="model">
        <Icon name="person" />
        <span>{own ? own.name : "Mocast's own"}</span>
      </p>
      <div class="row">
        <FileButton
          label="Choose a VRM"
          icon="file"
          accept=".vrm"
          inputLabel="VRM file"
          onFile={(file) => void selection.choose(file)}
        />
        {own && (
          <button type="button" class="button" onClick={() => void selection.useDefault()}>
            Use the default
          </button>
        )}
      </div>
      <small>Or drop it on the stage. It stays in this browser and is never uploaded.</small>
    </section>
  );
}
