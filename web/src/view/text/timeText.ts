/** A time as the person writes it: the hour alone where it is today, else with the day. */
export function timeText(time: Date): string {
  const isToday = time.toDateString() === new Date().toDateString();
  const hour = { hour: "2-digit", minute: "2-digit" } as const;
  return isToday
    ? time.toLocaleTimeString([], hour)
    : time.toLocaleString([], { ...hour, weekday: "short", day: "numeric", month: "short" });
}
