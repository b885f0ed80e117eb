import { useEffect, useState } from "preact/hooks";

/** A text as a QR code, dark on white in every theme: not all cameras read the inverse. Its code is loaded when it is shown. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [dark, setDark] = useState<readonly (readonly boolean[])[]>([]);
  useEffect(() => {
    let isGone = false;
    void import("uqr").then(({ encode }) => !isGone && setDark(encode(text, { ecc: "L", border: 3 }).data));
    return () => {
      isGone = true;
    };
  }, [text]);
  const squares = dark.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : [])));
  return (
    <svg class="qr" viewBox={`0 0 ${dark.length} ${dark.length}`} role="img" aria-label={label}>
      <path d={squares.join("")} />
    </svg>
  );
}
