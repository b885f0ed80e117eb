import { useEffect, useRef } from "preact/hooks";
import type { Access } from "../../state/Access";
import { Icon } from "../controls/Icon";
import { useStore } from "../controls/useStore";

/** Asks for a token where the server wants one, and says when the present one is about to expire. */
export function TokenNotice({ access }: { access: Access }) {
  const asked = useStore(access.asked);
  const endsAt = useStore(access.endsAt);
  if (asked !== "no") return <TokenForm access={access} isFirst={asked === "first"} />;
  if (endsAt === null) return null;
  const time = new Date(endsAt).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  return (
    <section class="card strip" role="status">
      <p>Your token expires at {time}. The session ends then.</p>
      <button type="button" class="button is-small" onClick={() => access.ask()}>
        Use another
      </button>
    </section>
  );
}

function TokenForm({ access, isFirst }: { access: Access; isFirst: boolean }) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    const token = field.current?.value.trim();
    if (token) access.give(token);
  };
  return (
    <form class="card token" aria-labelledby="token-title" onSubmit={onSubmit}>
      <h2 id="token-title">
        <Icon name="key" />
        {isFirst ? "This server asks for a token." : "This server asks for another token."}
      </h2>
      <p class="faint">
        {isFirst
          ? "Its operator gives you one, or a link that holds one. This tab keeps it until it is closed."
          : "Yours is not valid here, has expired, or does not cover what you asked for."}
      </p>
      <div class="row">
        <input
          ref={field}
          type="password"
          aria-label="Token"
          autocomplete="off"
          spellcheck={false}
          required
        />
        <button type="submit" class="button is-primary">
          Use it
        </button>
      </div>
    </form>
  );
}
