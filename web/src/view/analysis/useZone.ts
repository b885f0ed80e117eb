import { useState } from "preact/hooks";
import { type ActiveZone, defaultZone } from "../../air/ActiveZone";
import { storage } from "../../storage/storage";

/** The zone in front of the person that the air keyboard lies in, as this browser remembers it. */
export function useZone(): [ActiveZone, (zone: ActiveZone) => void] {
  const [zone, setZone] = useState<ActiveZone>({ ...defaultZone, ...storage.load<ActiveZone>("air-zone") });
  return [
    zone,
    (changed) => {
      storage.save("air-zone", changed);
      setZone(changed);
    },
  ];
}
