/** Candidates that came after the offer, as the body of a PATCH: an SDP fragment of RFC 8840. */
export function trickleFragment(
  offerSdp: string,
  candidates: readonly { readonly candidate: string; readonly sdpMid: string | null }[],
  isLast: boolean,
): string {
  const lines = [
    ...offerSdp.split(/\r?\n/).filter(firstOf("a=ice-ufrag:")),
    ...offerSdp.split(/\r?\n/).filter(firstOf("a=ice-pwd:")),
    // Everything is bundled, so that one media section's candidates are all there are.
    offerSdp.split(/\r?\n/).find((line) => line.startsWith("m=")) ?? "m=video 9 UDP/TLS/RTP/SAVPF 0",
    `a=mid:${candidates[0]?.sdpMid ?? "0"}`,
    ...candidates.map(({ candidate }) => `a=${candidate}`),
  ];
  if (isLast) lines.push("a=end-of-candidates");
  return lines.map((line) => `${line}\r\n`).join("");
}

function firstOf(prefix: string): (line: string) => boolean {
  let isFound = false;
  return (line) => {
    if (isFound || !line.startsWith(prefix)) return false;
    isFound = true;
    return true;
  };
}
