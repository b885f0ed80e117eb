const PATHS = {
  play: "M8 5.5v13l10.5-6.5z",
  stop: "M7 7h10v10H7z",
  camera: "M4 7.5h10.5v9H4zM14.5 11l5-3v8l-5-3",
  file: "M6 3.5h8l4 4v13H6zM13.5 3.5v4.5H18",
  picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
  full: "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5",
  swap: "M4 8h14l-4-4M20 16H6l4 4",
  mirror: "M12 3.5v17M9 7L3.5 17H9zM15 7l5.5 10H15z",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  check: "M5 12.5l4.5 4.5L19 7.5",
  download: "M12 4v11M7.5 11l4.5 4.5L16.5 11M5 20h14",
  sun: "M12 8a4 4 0 100 8 4 4 0 000-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M19.5 14.5A8 8 0 119.5 4.5a6.5 6.5 0 0010 10z",
  warning: "M12 4l9 16H3zM12 10v4.5M12 17.5h.01",
  reset: "M5 12a7 7 0 107-7H7M10 2L7 5l3 3",
  close: "M6 6l12 12M18 6L6 18",
  key: "M8 8a4 4 0 100 8 4 4 0 000-8zM12 12h8.5M17 12v3.5M20.5 12v2.5",
  phone: "M8 2.5h8v19H8zM11 18.5h2",
  person: "M12 3.5a4 4 0 100 8 4 4 0 000-8zM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  record: "M12 6a6 6 0 100 12 6 6 0 000-12z",
  trash: "M5 7h14M9.5 7V4.5h5V7M7 7l.8 13h8.4L17 7M10.2 10.5l.3 6M13.8 10.5l-.3 6",
  target: "M12 5a7 7 0 100 14 7 7 0 000-14zM12 2v5M12 17v5M2 12h5M17 12h5",
} as const;

const FILLED = new Set<string>(["play", "stop", "record"]);

export type IconName = keyof typeof PATHS;

/** An icon beside words; hidden from screen readers. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class={FILLED.has(name) ? "icon is-filled" : "icon"} viewBox="0 0 24 24" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
