import { useEffect, useState } from "preact/hooks";

/** How long it is until something is tried again, counted down each second. */
export function Countdown({ delayMs }: { delayMs: number }) {
  const [leftMs, setLeftMs] = useState(delayMs);
  useEffect(() => {
    const untilMs = performance.now() + delayMs;
    const show = () => setLeftMs(untilMs - performance.now());
    show();
    const timer = setInterval(show, 1000);
    return () => clearInterval(timer);
  }, [delayMs]);
  return <>{leftMs > 1500 ? `Trying again in ${Math.round(leftMs / 1000)} s.` : "Trying again."}</>;
}
