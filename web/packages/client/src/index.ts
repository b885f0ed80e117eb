/** Client of a Mocast server: sends a camera to a room, follows a room, reads landmarks, rigs and analyses. */
export type { Calibration } from "./api/Calibration";
export type {
  AllSettings,
  Background,
  BodyMode,
  CameraMode,
  CustomGesture,
  EventTypes,
  ExpressionStyle,
  FileFormats,
  Info,
  Job,
  MixedPart,
  Mixer,
  MixerSettings,
  OptionError,
  Output,
  OutputKind,
  OutputSettings,
  Overlay,
  Pace,
  Privacy,
  Problem,
  Quality,
  Recording,
  Room,
  RootMode,
  Settings,
  Smoothing,
  SourceName,
  Statistics,
  Token,
  TokenRequest,
  Tracker,
  ViewerStatistics,
} from "./api/generated";
export {
  imageOptionNames,
  outputPorts,
  publishOptions,
  roomNameRule,
  roomPattern,
  settingsDefaults,
} from "./api/generated";
export { settingsQuery } from "./api/settingsQuery";
export { type ErrorKind, MocastError } from "./MocastError";
export {
  type AngleName,
  analysisNames,
  boneParents,
  type HandName,
  overlayColours,
  type PairName,
  type PoseName,
  rigNames,
} from "./model/generated";
export { topology } from "./model/topology";
export type { Notice } from "./Notice";
export type { Publisher, PublisherEvents, PublishOptions, Refusal } from "./Publisher";
export { publish } from "./publish";
export type { RoomSession, SessionEvents } from "./RoomSession";
export { LinkMeter, type LinkStatistics } from "./rtc/LinkMeter";
export type { ConnectionState } from "./rtc/nextConnectionState";
export { Server, type TokenSource } from "./Server";
export type { StreamName } from "./StreamName";
export type { SubscribeOptions, Subscriber, SubscriberEvents } from "./Subscriber";
export { subscribe } from "./subscribe";
export type {
  AnalysisFrame,
  ExerciseState,
  HandGesture,
  HeadState,
  JointAngle,
  MotionEvent,
  Posture,
  Repetition,
  Similarity,
  Symmetry,
} from "./wire/AnalysisFrame";
export { FrameAssembler } from "./wire/FrameAssembler";
export { FrameHistory } from "./wire/FrameHistory";
export { frameToJson } from "./wire/frameToJson";
export type { HandTargets } from "./wire/HandTargets";
export type { Landmark } from "./wire/Landmark";
export { landmarkOf } from "./wire/landmarkOf";
export { makeRigFrame } from "./wire/makeRigFrame";
export { parseAnalysis } from "./wire/parseAnalysis";
export { parseRig } from "./wire/parseRig";
export type { RigFrame } from "./wire/RigFrame";
export type { PoseSource, SourcePose } from "./wire/SourcePose";
export type { Face, Hand, Pose, TrackedFrame } from "./wire/TrackedFrame";
