import type { Access } from "../../state/Access";
import { Deferred } from "../controls/Deferred";
import { useStore } from "../controls/useStore";

const loadTokenForm = async () => (await import("./TokenForm")).TokenForm;

/** Asks for a token where the server wants one, and says when the present one is about to expire. */
export function TokenNotice({ access }: { access: Access }) {
  const asked = useStore(access.asked);
  const endsAt = useStore(access.endsAt);
  if (asked !== "no") return <Deferred load={loadTokenForm} props={{ access, isFirst: asked === "first" }} />;
  if (endsAt === null) return null;
  const time = new Date(endsAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return (
    <section class="card strip" role="alert">
      <p>Your token expires at {time}. The session ends then.</p>
      <button type="button" class="button is-small" onClick={() => access.ask()}>
        Use another
      </button>
    </section>
  );
}
