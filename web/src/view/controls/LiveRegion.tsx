import type { ComponentChildren } from "preact";

/**
 * Where screen readers tell what comes and changes. It is there before anything is said: of a region that comes with its
 * first words, many tell none of them.
 */
export function LiveRegion({ children }: { children: ComponentChildren }) {
  return (
    <div class="live-region" role="status">
      {children}
    </div>
  );
}
