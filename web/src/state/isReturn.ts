/** Whether this page was here before in this tab: a reload, or back from another page. */
export function isReturn(): boolean {
  const [entry] = performance.getEntriesByType("navigation");
  const type = (entry as PerformanceNavigationTiming | undefined)?.type;
  return type === "reload" || type === "back_forward";
}
