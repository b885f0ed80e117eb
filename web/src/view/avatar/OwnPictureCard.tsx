import type { LiveController } from "../../state/LiveController";
import { OwnPictureField } from "../session/OwnPictureField";

/** Who draws the picture in the corner. */
export function OwnPictureCard({ live }: { live: LiveController }) {
  return (
    <section class="card">
      <h2>Your own picture</h2>
      <OwnPictureField live={live} />
    </section>
  );
}
