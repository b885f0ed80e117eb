import type { LiveController } from "../../state/LiveController";
import type { Drawer } from "../../state/OwnPicture";
import { SegmentedControl, type SegmentLabel } from "../controls/SegmentedControl";
import { useStore } from "../controls/useStore";

const DRAWERS: Record<Drawer, SegmentLabel> = {
  here: { label: "By this page", hint: "Over the camera's own picture: no picture is encoded or sent back" },
  server: { label: "By the server", hint: "As viewers see it" },
};

/** Who draws the person's own picture. */
export function OwnPictureField({ live }: { live: LiveController }) {
  const wanted = useStore(live.own.wanted);
  const isAble = useStore(live.own.isAble);
  const settings = useStore(live.settings);
  const isServers = wanted === "here" && live.own.returns(settings) === "video";
  return (
    <SegmentedControl
      legend="Your own picture is drawn"
      labels={DRAWERS}
      value={wanted}
      remark={remark(isServers, isAble)}
      onChoose={(drawer) => live.own.choose(drawer)}
    />
  );
}

function remark(isServers: boolean, isAble: boolean): string {
  if (!isAble)
    return "This browser cannot draw landmarks in step: without the server, it shows the camera alone.";
  return isServers ? "By the server while faces are covered or the pace is smooth." : "";
}
