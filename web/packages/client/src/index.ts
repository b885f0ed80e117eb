/** Client of a Mocast server: sessions over WebRTC, landmarks and rigs from bytes or JSON, the HTTP API's types. */
export { authorization } from "./api/authorization";
export type { Calibration } from "./api/Calibration";
export { callServer } from "./api/callServer";
export { failureFromResponse } from "./api/failureFromResponse";
export { fetchFromServer } from "./api/fetchFromServer";
export type {
  AllSettings,
  Background,
  BodyMode,
  Info,
  OptionError,
  Output,
  OutputKind,
  OutputSettings,
  Overlay,
  Pace,
  Privacy,
  Quality,
  Recording,
  Room,
  Settings,
  Smoothing,
  Statistics,
  Token,
  TokenRequest,
  Tracker,
} from "./api/generated";
export {
  imageOptionNames,
  outputPorts,
  publishOptions,
  roomPattern,
  settingsDefaults,
} from "./api/generated";
export { settingsQuery } from "./api/settingsQuery";
export { Failure, type FailureKind } from "./Failure";
export { overlayColours, rigNames } from "./model/generated";
export { topology } from "./model/topology";
export { LinkMeter, type LinkStatistics } from "./rtc/LinkMeter";
export type { ConnectionState } from "./rtc/nextConnectionState";
export { PublisherSession } from "./rtc/PublisherSession";
export { ReconnectingSession } from "./rtc/ReconnectingSession";
export { ViewerSession } from "./rtc/ViewerSession";
export { FrameHistory } from "./wire/FrameHistory";
export { frameToJson } from "./wire/frameToJson";
export { makeRigFrame } from "./wire/makeRigFrame";
export { parseBinaryRig } from "./wire/parseBinaryRig";
export { parseJsonFrame } from "./wire/parseJsonFrame";
export { parseJsonRig } from "./wire/parseJsonRig";
export type { RigFrame } from "./wire/RigFrame";
export type { Face, Hand, Pose, TrackedFrame } from "./wire/TrackedFrame";
