import { useEffect, useRef } from "preact/hooks";
import type { LiveController } from "../../state/LiveController";
import { phoneHindrance } from "../../state/phoneHindrance";
import { roomAddress } from "../../state/roomAddress";
import { CopyField } from "../controls/CopyField";
import { Icon } from "../controls/Icon";
import { QrCode } from "../controls/QrCode";
import { useStore } from "../controls/useStore";
import { SharedLinkField } from "./SharedLinkField";

interface Props {
  readonly live: LiveController;
  /** It was closed. */
  onClose(): void;
}

/** How a phone becomes the camera of this room: this page's address as a QR code. */
export function PhoneDialog({ live, onClose }: Props) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const { link } = live;
  const needsToken = useStore(live.info)?.auth !== "none";
  const isOff = ["idle", "ended"].includes(useStore(live.phase).is);
  const hindrance = phoneHindrance(location);
  const address = roomAddress(location.href, live.room);
  const show = (full: string) => (
    <>
      <QrCode text={full} label="This page's address as a QR code" />
      <CopyField label="Address for the phone" text={full} />
    </>
  );
  return (
    <dialog ref={dialog} class="card phone" aria-labelledby="phone-title" onClose={onClose}>
      <header>
        <h2 id="phone-title">Use your phone as the camera</h2>
        <button
          type="button"
          class="button is-icon"
          aria-label="Close"
          onClick={() => dialog.current?.close()}
        >
          <Icon name="close" />
        </button>
      </header>
      {hindrance ? (
        <p>{hindrance}</p>
      ) : (
        <>
          <p class="faint">
            Scan the code with the phone's camera and press Start there. The phone sends in this room,{" "}
            {live.room}: what follows the room, OBS for instance, goes on.
          </p>
          {!isOff && <p class="remark">A room has one camera: stop the one here first.</p>}
          {needsToken ? (
            <SharedLinkField
              link={link}
              address={address}
              action="Make a link"
              allows="Whoever has it may be the camera of this room, and watch it,"
            >
              {show}
            </SharedLinkField>
          ) : (
            show(address)
          )}
        </>
      )}
    </dialog>
  );
}
