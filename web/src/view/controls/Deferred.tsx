import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { partMissing } from "./partMissing";

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
  if (isMissing) return <p role="alert">{partMissing}</p>;
  return loaded ? <loaded.Component {...props} /> : <p class="faint">Loading</p>;
}
