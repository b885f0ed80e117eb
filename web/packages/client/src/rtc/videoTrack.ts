/** The stream's video; throws a `TypeError` where it has none. */
export function videoTrack(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getVideoTracks();
  if (!track) throw new TypeError("The stream has no video track.");
  return track;
}
