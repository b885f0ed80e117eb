import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { partMissing } from "./partMissing";

interface Props<Own> {
  /** Loads the component's code. */
  load(): Promise<ComponentType<Own>>;
  /** The component's own. */
  readonly props: Own;
  /** Nothing is shown until it is there, nor where it cannot be had: the page is whole without. */
  readonly isExtra?: boolean;
}

/** A component whose code is loaded when it is first shown. */
export function Deferred<Own extends object>({ load, props, isExtra }: Props<Own>) {
  const [loaded, setLoaded] = useState<{ readonly Component: ComponentType<Own> } | null>(null);
  const [isMissing, setMissing] = useState(false);
  useEffect(() => {
    load().then(
      (Component) => setLoaded({ Component }),
      () => setMissing(true),
    );
  }, [load]);
  if (loaded) return <loaded.Component {...props} />;
  if (isExtra) return null;
  if (isMissing) return <p role="alert">{partMissing}</p>;
  return <p class="faint">Loading</p>;
}
