/** The stream of a receiver's pictures, each shown when it is there. */
export function receiveVideo(receiver: RTCRtpReceiver): MediaStream {
  // The second is what older Chromiums call it.
  if ("jitterBufferTarget" in receiver) receiver.jitterBufferTarget = 0;
  if ("playoutDelayHint" in receiver) receiver.playoutDelayHint = 0;
  return new MediaStream([receiver.track]);
}
