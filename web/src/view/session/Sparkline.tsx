import { useEffect, useRef } from "preact/hooks";
import type { Series } from "../../state/Series";
import type { Store } from "../../state/Store";

/** The whole width holds at least so many values, so that the first ones can be seen. */
const MIN_VALUES = 20;

interface Props {
  readonly series: Series;
  /** Changes when the series does. */
  readonly revision: Store<number>;
  /** The plot's scale is from 0 to at least this. */
  readonly ceiling: number;
}

/** A small plot of the last minute, hidden from screen readers: the number beside it says the same. */
export function Sparkline({ series, revision, ceiling }: Props) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    if (!canvas) return;
    const redraw = () => draw(canvas, series, ceiling);
    const resizing = new ResizeObserver(redraw);
    resizing.observe(canvas);
    const unwatch = revision.watch(redraw);
    return () => {
      unwatch();
      resizing.disconnect();
    };
  }, [series, revision, ceiling]);
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
  const step = clientWidth / (Math.max(series.length, MIN_VALUES) - 1);
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
