import { useEffect, useRef } from "preact/hooks";
import type { Series } from "../studio/Series";
import type { Store } from "../studio/Store";

/** Values across the whole width at the beginning, so that the first ones can be seen. */
const SHORTEST = 20;

interface Props {
  readonly series: Series;
  /** Changes when the series does. */
  readonly added: Store<number>;
  /** The plot's height shows at least 0 to this. */
  readonly ceiling: number;
}

/** A small plot of the last minute. It says nothing that the figure beside it does not, so it has no text of its own. */
export function Sparkline({ series, added, ceiling }: Props) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    if (!canvas) return;
    const redraw = () => draw(canvas, series, ceiling);
    const resizing = new ResizeObserver(redraw);
    resizing.observe(canvas);
    const unwatch = added.watch(redraw);
    return () => {
      unwatch();
      resizing.disconnect();
    };
  }, [series, added, ceiling]);
  return (
    <span class="sparkline" aria-hidden="true">
      <canvas ref={ref} />
    </span>
  );
}

function draw(canvas: HTMLCanvasElement, series: Series, ceiling: number): void {
  const context = canvas.getContext("2d");
  const { clientWidth, clientHeight } = canvas;
  if (!context || clientWidth === 0) return;
  const ratio = devicePixelRatio;
  canvas.width = clientWidth * ratio;
  canvas.height = clientHeight * ratio;
  context.scale(ratio, ratio);
  if (series.length === 0) return;
  let top = ceiling;
  for (let at = 0; at < series.length; at += 1) top = Math.max(top, series.at(at));
  const step = clientWidth / (Math.max(series.length, SHORTEST) - 1);
  const left = clientWidth - (series.length - 1) * step;
  const y = (value: number) => clientHeight - 1.5 - (value / top) * (clientHeight - 3);
  context.beginPath();
  for (let at = 0; at < series.length; at += 1) context.lineTo(left + at * step, y(series.at(at)));
  context.strokeStyle = context.fillStyle = getComputedStyle(canvas).color;
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.stroke();
  context.lineTo(clientWidth, clientHeight);
  context.lineTo(left, clientHeight);
  context.globalAlpha = 0.14;
  context.fill();
}
