/**
 * Whether this browser tells a page which of its camera's pictures were sent when: Chromium's from 141 on. Safari and
 * Firefox have each one half of it.
 */
export function canDrawHere(): boolean {
  return "RTCRtpScriptTransform" in globalThis && "MediaStreamTrackProcessor" in globalThis;
}
