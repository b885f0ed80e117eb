import { useState } from "preact/hooks";

interface Props {
  /** Each in a sentence. */
  readonly problems: readonly string[];
  /** The room that this page has. */
  readonly room: string;
}

/** Says what in the page's address cannot be used, until it was read. */
export function AddressNotice({ problems, room }: Props) {
  const [isRead, setRead] = useState(false);
  if (isRead) return null;
  return (
    <section class="card strip">
      <p>
        {problems.join(" ")} This page goes on with the rest, in the room {room}.
      </p>
      <button type="button" class="button is-small" onClick={() => setRead(true)}>
        Close
      </button>
    </section>
  );
}
