import { CopyField } from "../controls/CopyField";
import { QrCode } from "../controls/QrCode";
import { Revealed } from "../controls/Revealed";

interface Props {
  readonly address: string;
  onCopy(): void;
}

/** The address of the room's avatar, to copy and as a QR code. */
export function ViewerAddress({ address, onCopy }: Props) {
  return (
    <>
      <CopyField label="Address for OBS" text={address} onCopy={onCopy} />
      <Revealed title="As a QR code, to watch on a phone">
        <QrCode text={address} label="The address as a QR code" />
      </Revealed>
    </>
  );
}
