import type { TrackedFrame } from "mocast-client";
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { LiveController } from "../../state/LiveController";
import { followPointer } from "./followPointer";
import { type Joint, nearestJoint } from "./nearestJoint";
import { pictureBox } from "./pictureBox";

interface Reading {
  readonly joint: Joint;
  /** Where the joint is drawn, in the stage's pixels. */
  readonly left: number;
  readonly top: number;
  readonly isAtRight: boolean;
  readonly isAtBottom: boolean;
}

/** How near the pointer must be, in pixels. */
const REACH_PX = 28;

interface Props {
  readonly live: LiveController;
  /** The element whose picture is pointed at. */
  readonly target: RefObject<HTMLElement | null>;
}

/** The values of the joint under the pointer, of the picture that is on the screen. */
export function JointReadout({ live, target }: Props) {
  const [reading, setReading] = useState<Reading | null>(null);
  useEffect(() => {
    const element = target.current;
    if (!element) return;
    let seen: [TrackedFrame | null, number, number] | null = null;
    const readAt = (x: number, y: number) => {
      const frame = live.picture.presented?.frame ?? live.picture.frames.latest;
      // The screen is drawn more often than the picture changes.
      if (seen?.[0] === frame && seen[1] === x && seen[2] === y) return;
      seen = [frame, x, y];
      setReading(frame && read(frame, element, x, y));
    };
    return followPointer(element, readAt, () => setReading(null));
  }, [live, target]);
  if (!reading) return null;
  const { joint, left, top, isAtRight, isAtBottom } = reading;
  const side = `${isAtRight ? "is-left" : ""} ${isAtBottom ? "is-up" : ""}`;
  return (
    <div class={`joint ${side}`} style={{ left: `${left}px`, top: `${top}px` }}>
      <i />
      <div>
        <strong>{joint.name}</strong>
        <small>
          {joint.part} · {joint.index}
        </small>
        <table>
          <tbody>
            <Row name="image" values={joint.image} decimals={3} />
            {joint.world && <Row name="metres" values={joint.world} decimals={2} />}
          </tbody>
        </table>
        {joint.visibility !== null && <small>visible {Math.round(joint.visibility * 100)} %</small>}
      </div>
    </div>
  );
}

function Row({ name, values, decimals }: { name: string; values: readonly number[]; decimals: number }) {
  return (
    <tr>
      <th>{name}</th>
      {values.map((value, axis) => (
        <td key={axis}>{value.toFixed(decimals)}</td>
      ))}
    </tr>
  );
}

function read(frame: TrackedFrame, element: HTMLElement, x: number, y: number): Reading | null {
  const bounds = { width: element.clientWidth, height: element.clientHeight };
  const box = pictureBox(bounds, frame);
  const across = (x - box.left) / box.width;
  const imageX = frame.mirrored ? 1 - across : across;
  const joint = nearestJoint(frame, imageX, (y - box.top) / box.height, REACH_PX / box.height);
  if (!joint) return null;
  const shownX = frame.mirrored ? 1 - joint.image[0] : joint.image[0];
  const left = box.left + shownX * box.width;
  const top = box.top + joint.image[1] * box.height;
  return {
    joint,
    left,
    top,
    isAtRight: left > bounds.width / 2 && left > bounds.width - 230,
    isAtBottom: top > bounds.height - 120,
  };
}
