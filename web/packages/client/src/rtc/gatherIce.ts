/**
 * Waits until the connection has the candidates that are worth an offer: all of them, or the first of a relay, or
 * whatever there is when the time is up. Later ones are to be trickled.
 */
export function gatherIce(connection: RTCPeerConnection, limitMs: number): Promise<void> {
  if (connection.iceGatheringState === "complete") return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      connection.removeEventListener("icegatheringstatechange", onState);
      connection.removeEventListener("icecandidate", onCandidate);
      resolve();
    };
    const onState = () => connection.iceGatheringState === "complete" && done();
    const onCandidate = ({ candidate }: RTCPeerConnectionIceEvent) => candidate?.type === "relay" && done();
    const timer = setTimeout(done, limitMs);
    connection.addEventListener("icegatheringstatechange", onState);
    connection.addEventListener("icecandidate", onCandidate);
  });
}
