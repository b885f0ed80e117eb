import { useEffect, useRef } from "preact/hooks";
import type { Access } from "../../state/Access";
import { Icon } from "../controls/Icon";

/** Takes a token for this tab. */
export function TokenForm({ access, isFirst }: { access: Access; isFirst: boolean }) {
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
