import { useState } from "preact/hooks";
import type { AvatarController } from "../../state/AvatarController";
import { Icon } from "../controls/Icon";
import { saveFile } from "../controls/saveFile";

type Kind = "picture" | "clip";

/** Buttons that take the avatar as a picture and as a clip of ten seconds. */
export function SnapshotCard({ avatar }: { avatar: AvatarController }) {
  const [taking, setTaking] = useState<Kind | null>(null);
  const take = async (kind: Kind) => {
    setTaking(kind);
    const file = await avatar.snapshot(kind);
    setTaking(null);
    if (file) saveFile(file);
  };
  return (
    <section class="card">
      <h2>Snapshot</h2>
      <div class="row">
        <button type="button" class="button" disabled={taking !== null} onClick={() => void take("picture")}>
          <Icon name="picture" />
          Picture
        </button>
        <button
          type="button"
          class="button"
          disabled={taking !== null}
          aria-busy={taking === "clip"}
          onClick={() => void take("clip")}
        >
          <Icon name="record" />
          {taking === "clip" ? "Recording …" : "10 s clip"}
        </button>
      </div>
      <small>The avatar as you see it, on a transparent ground: PNG, WebM. Made in this browser.</small>
    </section>
  );
}
