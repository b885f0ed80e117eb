import type { ModelChoice } from "../studio/ModelChoice";
import { FileButton } from "./FileButton";
import { Icon } from "./Icon";
import { useStore } from "./useStore";

/** Which avatar is shown, and another in its place. */
export function ModelCard({ model }: { model: ModelChoice }) {
  const own = useStore(model.own);
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
          onFile={(file) => void model.choose(file)}
        />
        {own && (
          <button type="button" class="button" onClick={() => void model.useOurs()}>
            Use the default
          </button>
        )}
      </div>
      <small>Or drop it on the stage. It stays in this browser and is never uploaded.</small>
    </section>
  );
}
