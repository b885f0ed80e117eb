import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";

interface Props<Own> {
  /** Loads the component's code. */
  load(): Promise<ComponentType<Own>>;
  /** The component's own. */
  readonly props: Own;
}

/** A component whose code is loaded when it is first shown. */
export function Deferred<Own extends object>({ load, props }: Props<Own>) {
  const [loaded, setLoaded] = useState<{ readonly Component: ComponentType<Own> } | null>(null);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    load().then(
      (Component) => setLoaded({ Component }),
      () => setMissing(true),
    );
  }, [load]);
  if (isMissing) return <p role="alert">This part of the page could not be loaded. Reload the page.</p>;
  return loaded ? <loaded.Component {...props} /> : <p class="faint">Loading</p>;
}
