// Written by scripts/web_types.py from docs/openapi.yaml: change that, and run the script again.

export type Tracker = "holistic" | "pose" | "hands" | "face";

export type Quality = "exact" | "balanced" | "fast";

export type OfflineQuality = "best" | "exact" | "balanced" | "fast";

export type PeopleCount = number;

export type PersonIndex = number;

export type Pace = "sync" | "smooth";

export type Return = "video" | "none";

export type Overlay = readonly ("classic" | "limbs" | "rainbow" | "mesh" | "contours")[];

export type Confidence = number;

export type LineWidth = number;

export type Opacity = number;

export type Background = "video" | "dim" | "black";

export type Privacy = "off" | "blur" | "pixelate";

export type Smoothing = "responsive" | "balanced" | "smooth";

export type BodyMode = "auto" | "full" | "half";

export type RootMode = "none" | "sideways" | "full";

export type FieldOfView = number;

export type CameraMode = "auto" | "set";

export type CameraTilt = number;

export type CameraHeight = number;

export type ExpressionStyle = "subtle" | "natural" | "lively";

export type Exercises = readonly string[];

export type AngleNames = readonly ("left_elbow" | "right_elbow" | "left_shoulder_flexion" | "right_shoulder_flexion" | "left_shoulder_abduction" | "right_shoulder_abduction" | "left_wrist" | "right_wrist" | "left_hip_flexion" | "right_hip_flexion" | "left_hip_abduction" | "right_hip_abduction" | "left_knee" | "right_knee" | "left_ankle" | "right_ankle" | "neck" | "trunk_lean" | "trunk_side_lean" | "trunk_twist")[];

export type EventTypes = readonly ("gesture" | "rep" | "posture" | "hands_lost" | "person_lost" | "fall" | "head" | "drowsy" | "motion")[];

/** Any of the settings that can change while a session lives. */
export interface Settings {
  readonly tracker?: Tracker;
  readonly quality?: Quality;
  readonly people?: PeopleCount;
  readonly pace?: Pace;
  readonly overlay?: Overlay;
  readonly hud?: boolean;
  readonly return?: Return;
  readonly confidence?: Confidence;
  readonly line_width?: LineWidth;
  readonly opacity?: Opacity;
  readonly background?: Background;
  readonly privacy?: Privacy;
  readonly mirror?: boolean;
  readonly smoothing?: Smoothing;
  readonly body?: BodyMode;
  readonly root?: RootMode;
  readonly field_of_view?: FieldOfView;
  readonly camera?: CameraMode;
  readonly camera_tilt?: CameraTilt;
  readonly camera_height?: CameraHeight;
  readonly expression_style?: ExpressionStyle;
  readonly exercises?: Exercises;
  readonly withhold?: boolean;
  readonly hand_features?: boolean;
  readonly events?: EventTypes;
  readonly hud_angles?: AngleNames;
}

/** All of them. */
export type AllSettings = Required<Settings>;

export interface Session {
  readonly id: string;
  readonly role: "publisher";
  readonly room: string;
  readonly state: "connecting" | "live" | "closed";
  readonly settings: AllSettings;
  readonly statistics: Statistics;
}

export interface Viewer {
  readonly id: string;
  readonly role: "viewer";
  readonly room: string;
  readonly state: "connecting" | "live" | "closed";
  /** Whether it is sent the picture. */
  readonly video: boolean;
  /** Whether it is sent the publisher's audio. */
  readonly audio?: boolean;
  readonly statistics: ViewerStatistics;
}

/** Frames whose picture, landmarks, rig or analysis were sent, and those that the viewer was too slow for. */
export interface ViewerStatistics {
  readonly fps_video: number;
  readonly fps_landmarks: number;
  readonly fps_rig: number;
  readonly fps_analysis: number;
  readonly frames_sent: number;
  readonly frames_dropped: number;
  readonly landmarks_sent: number;
  readonly landmarks_dropped: number;
  readonly rigs_sent: number;
  readonly rigs_dropped: number;
  readonly analyses_sent: number;
  readonly analyses_dropped: number;
  readonly events_sent: number;
  /** Of those, each counts: 64 wait for a slow viewer. */
  readonly events_dropped: number;
  readonly audio_packets_sent: number;
  readonly audio_packets_dropped: number;
}

export interface Room {
  readonly room: string;
  /** `null` while nobody publishes. */
  readonly publisher: null | {
    readonly state: "connecting" | "live" | "closed";
    /** When it connected. */
    readonly since: string | null;
  };
  /** The camera that the server itself feeds the room with; `null` where clients publish. */
  readonly source: null | {
    /** `waiting`: for the next attempt. */
    readonly state: "connecting" | "live" | "waiting";
    /** Why it waits. Empty otherwise. */
    readonly reason: string;
  };
  /** Over WebRTC. */
  readonly viewers: number;
  /** Over WebSockets. */
  readonly readers: number;
  /** Apps that are sent to. */
  readonly outputs: number;
  readonly recording: boolean;
  /** The publisher's. */
  readonly statistics: null | Statistics;
}

export interface CustomGesture {
  /** What events call it. */
  readonly name: string;
  /** The mean `features` of the examples, as the analysis stream has them. */
  readonly features: readonly number[];
  /** A hand whose features' root mean square difference from the mean is larger does not show the gesture. */
  readonly radius?: number;
  /** Whether either hand may show it, or only one. */
  readonly hand?: "any" | "left" | "right";
  /** Whether how the hand is held counts, or only its shape. */
  readonly oriented?: boolean;
}

/** The custom gestures of a session. Keep them yourself, and give them to the next session. */
export interface CustomGestures {
  /** None forgets all. */
  readonly gestures?: readonly CustomGesture[];
}

/** The body of an avatar at rest, in the rig's space, metres. */
export interface AvatarBody {
  /** Of the 55 bones in the rig's order, each joint relative to its parent's; the hips' from the floor. */
  readonly offsets: readonly (readonly number[])[];
  /** The middles of head, chest and hips, relative to the joints of head, upper chest and hips. */
  readonly middles: readonly (readonly number[])[];
  /** Half the width, height and depth of head, chest and hips. */
  readonly sizes: readonly (readonly number[])[];
  /** From the wrist to the root of the middle finger. */
  readonly hand: number;
  /** What arms keep out of, too: 0 to 5 for the joint of hips, spine, chest, upper chest, neck or head; x y z of both ends relative to it; the radius. */
  readonly capsules?: readonly (readonly number[])[];
}

/** A pose that the person is compared with, frame by frame. */
export interface ReferencePose {
  /** x, y and z of the 33 landmarks in metres: a pose's `world` in the landmarks' JSON. */
  readonly world: readonly (readonly number[])[];
  /** Of each, 0 to 1; those below 0.5 do not count. */
  readonly visibility: readonly number[];
  /** Whether the person is to look like its mirror image. */
  readonly mirrored?: boolean;
}

/** A motion that the person follows, again and again. */
export interface ReferenceMotion {
  /** Its poses, 0.1 to 30 s from the first to the last. */
  readonly motion: readonly ({
    /** Its time in seconds, which grows from pose to pose. */
    readonly at: number;
    /** x, y and z of the 33 landmarks in metres: a pose's `world` in the landmarks' JSON. */
    readonly world: readonly (readonly number[])[];
    /** Of each, 0 to 1; those below 0.5 do not count. */
    readonly visibility: readonly number[];
  })[];
  /** Whether the person follows as in a mirror. */
  readonly mirrored?: boolean;
}

export interface ReferenceMotionInUse {
  readonly motion: {
    /** How many poses it has. */
    readonly poses: number;
    /** From the first to the last. */
    readonly seconds: number;
  };
  /** Whether the person follows as in a mirror. */
  readonly mirrored: boolean;
}

export interface ReferenceInUse {
  readonly reference: null | ReferencePose | ReferenceMotionInUse;
}

export interface Calibrate {
  /** How long the person is measured. */
  readonly seconds?: number;
  /** Whether the person stands in the T-pose meanwhile. */
  readonly t_pose?: boolean;
  /** Who, where several people are tracked. */
  readonly person?: number;
}

/** What was measured of one person. Keep it as it is, and give it back to the next session. */
export interface Calibration {
  readonly version: 1;
}

export interface CalibrationInUse {
  readonly calibration: null | Calibration;
}

export interface Statistics {
  /** Frames decoded per second, over the last seconds. */
  readonly fps_in: number;
  readonly fps_tracked: number;
  /** Pictures handed to the encoder per second. */
  readonly fps_out: number;
  /** Median time in the tracker over the last frames. */
  readonly tracking_ms: number;
  /** Median time to solve the rig, while somebody wants it. */
  readonly rigging_ms: number;
  /** Median time to analyse a frame, while somebody wants it. */
  readonly analysis_ms: number;
  /** Median time from a frame decoded to its results ready. */
  readonly delay_ms: number;
  /** The 95th percentile of that time. */
  readonly delay_p95_ms: number;
  readonly frames_in: number;
  readonly frames_tracked: number;
  readonly frames_dropped: number;
  readonly frames_sent: number;
  readonly landmarks_sent: number;
  readonly landmarks_dropped: number;
  readonly rigs_sent: number;
  readonly rigs_dropped: number;
  readonly analyses_sent: number;
  readonly analyses_dropped: number;
  readonly events_sent: number;
  readonly events_dropped: number;
  /** Of the publisher's audio, each some 20 ms. */
  readonly audio_packets_in: number;
  /** Of them, those above the limits, or too late. */
  readonly audio_packets_dropped: number;
  readonly tracker_failures: number;
  /** Of the tracked picture, pixels. */
  readonly width: number;
  readonly height: number;
}

export type RecordedParts = readonly ("landmarks" | "rig" | "analysis")[];

export interface Recording {
  readonly id: string;
  readonly room: string;
  readonly record: RecordedParts;
  readonly started_at: string;
  /** `failed`: the disk did. What was written until then can be downloaded. */
  readonly state: "recording" | "stopped" | "failed";
  /** Why it ended, in words; empty while it runs. */
  readonly reason: string;
  readonly seconds: number;
  /** The largest of `landmarks`, `rigs` and `analyses`. */
  readonly frames: number;
  readonly landmarks: number;
  readonly rigs: number;
  readonly analyses: number;
  /** Lines that the disk was too slow for. */
  readonly dropped: number;
  /** Bytes. */
  readonly size: number;
}

export type FileFormats = readonly ("mp4" | "jsonl" | "csv" | "parquet" | "bvh" | "vrma" | "vmd" | "trc" | "c3d")[];

export type JobState = "uploading" | "waiting" | "running" | "done" | "failed";

export interface Job {
  readonly id: string;
  readonly name: string;
  readonly state: JobState;
  /** Why it failed, in words; else empty. */
  readonly reason: string;
  /** Bytes of the video; `null`: not known yet. */
  readonly size: number | null;
  /** Bytes of the video that are there. */
  readonly received: number;
  /** Jobs that came before one that waits. */
  readonly ahead: number | null;
  /** How far it is, or was last; `null` before it begins. */
  readonly progress: JobProgress | null;
  readonly options: JobOptions;
  /** Files that were made of the video, when the job has ended. */
  readonly results: readonly JobResult[];
  readonly created_at: string;
  /** When it began last. */
  readonly started_at: string | null;
  readonly ended_at: string | null;
  /** When it is deleted; `null` while it waits or runs. */
  readonly expires_at: string | null;
}

/** What was asked for; all of what the call takes, of which these are a part. */
export interface JobOptions {
  readonly tracker: Tracker;
  readonly quality: OfflineQuality;
  readonly people?: PeopleCount;
  readonly overlay: Overlay;
  readonly formats: FileFormats;
}

export interface JobProgress {
  readonly frames: number;
  /** Frames of the video; `null`: not known. */
  readonly of: number | null;
  /** Frames a second. */
  readonly fps: number;
  /** Seconds that it will take; `null`: not known. */
  readonly left_s: number | null;
}

export interface JobResult {
  /** A path, with slashes, below the job's `results`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

export interface TokenRequest {
  /** The room that the token is for, and no other. */
  readonly room: string;
  /** What its bearer may do there, of what the caller may. */
  readonly grants?: readonly ("publish" | "subscribe" | "record" | "outputs" | "images" | "jobs" | "metrics" | "admin")[];
  /** Seconds until it expires; not later than the caller's own token does. */
  readonly ttl_s?: number;
}

export interface Token {
  readonly token: string;
  readonly expires_at: string;
}

export interface Info {
  readonly version: string;
  /** The engine that tracks. */
  readonly engine: "openvino" | "mediapipe";
  /** What faces' blend shapes are made from: MediaPipe's network and geometry, or geometry alone. */
  readonly face_shapes: "network" | "geometry";
  readonly trackers: readonly Tracker[];
  readonly qualities: readonly Quality[];
  readonly overlays: Overlay;
  readonly return: readonly Return[];
  /** Whose repetitions can be counted, the operator's own included. */
  readonly exercises: readonly string[];
  readonly max_sessions: number;
  readonly sessions: number;
  readonly max_viewers: number;
  readonly viewers: number;
  readonly max_sockets: number;
  /** Readers of WebSockets. */
  readonly sockets: number;
  /** Whether a token is asked for. */
  readonly auth: "none" | "token" | "jwt";
  /** Whether rooms' outputs may be set over the API. */
  readonly outputs: boolean;
  /** Whether videos are taken as jobs. */
  readonly jobs: boolean;
  readonly ready: boolean;
}

export type OutputKind = "vmc" | "vts" | "ifacialmocap" | "livelinkface" | "vrchat" | "osc";

export type OutputHost = string;

export type OutputPort = number;

export type OutputParts = readonly ("head" | "hands" | "arms" | "body" | "face")[];

export type OutputNames = "vrm0" | "vrm1" | "arkit";

export type OutputTrackers = readonly ("hip" | "chest" | "feet" | "knees" | "elbows")[];

export type OutputHeight = number;

export type OutputPrefix = string;

export interface OutputSettings {
  readonly kind: OutputKind;
  /** An address, or a name that the server looks up. */
  readonly host: OutputHost;
  /** Where it is not given: 39539 (vmc), 8001 (vts), 49983 (ifacialmocap), 11111 (livelinkface), 9000 (vrchat), 10000 (osc). */
  readonly port?: OutputPort;
  /** What is sent (all of it); the app is free to move the rest by other means. */
  readonly parts?: OutputParts;
  /** Moves the avatar as a mirror image. */
  readonly mirror?: boolean;
  /** Whose motion, where several people are tracked. */
  readonly person?: number;
  /** Of the blend shapes. VMC; VRChat, where all but `arkit` are VRCFaceTracking's. */
  readonly names?: OutputNames;
  /** Sends a camera before the avatar, too. VMC only. */
  readonly camera?: boolean;
  /** What is a tracker of VRChat's. VRChat only. */
  readonly trackers?: OutputTrackers;
  /** How tall the person is, in metres. VRChat only. */
  readonly height?: OutputHeight;
  /** Begins the names of VRChat's avatar parameters, or OSC's addresses (`mocast`). VRChat and OSC only. */
  readonly prefix?: OutputPrefix;
  /** Sends landmarks, too. OSC only. */
  readonly landmarks?: boolean;
}

export interface OutputsSettings {
  readonly outputs: readonly OutputSettings[];
}

export interface Output {
  readonly kind: OutputKind;
  readonly host: OutputHost;
  readonly port: OutputPort;
  readonly parts: OutputParts;
  readonly mirror: boolean;
  readonly person: PersonIndex;
  readonly names?: OutputNames;
  readonly camera?: boolean;
  readonly trackers?: OutputTrackers;
  readonly height?: OutputHeight;
  readonly prefix?: OutputPrefix;
  readonly landmarks?: boolean;
  /** Set by the operator; not to be changed here. */
  readonly fixed: boolean;
  /** `idle`: nothing to send yet. `sending`: packets leave; whether an app takes them, UDP cannot tell. `refused`: nothing listens there. */
  readonly state: "idle" | "connecting" | "connected" | "sending" | "waiting for permission" | "denied" | "refused" | "unreachable" | "not allowed" | "stopped";
  /** A sentence where there is something to know or to do, else empty. */
  readonly detail: string;
  /** Rigs that left whole. */
  readonly sent: number;
  /** Rigs that a newer one overtook. */
  readonly dropped: number;
  /** Rigs that could not be sent, and failed attempts to connect. */
  readonly errors: number;
}

export interface Outputs {
  readonly outputs: readonly Output[];
}

/** `camera`: the room's publisher. `face_camera`, `body_camera`: publishers with that `part`. `phone`: an app's ARKit face. `microphone`: vowels that a page hears. */
export type SourceName = "camera" | "face_camera" | "body_camera" | "vmc" | "phone" | "microphone";

export interface MixerSettings {
  /** Sources in order of preference: the first that has the part leads it. One that is left out never does. */
  readonly head?: readonly SourceName[];
  /** Brows, cheeks and nose. */
  readonly face?: readonly SourceName[];
  /** Lids and gaze. */
  readonly eyes?: readonly SourceName[];
  /** Lips, jaw and tongue. A microphone leads while it hears speech. */
  readonly mouth?: readonly SourceName[];
  /** From the shoulders to the wrists. */
  readonly arms?: readonly SourceName[];
  /** The wrists' rotation. */
  readonly hands?: readonly SourceName[];
  /** The fingers' rotation. */
  readonly fingers?: readonly SourceName[];
  /** Hips, back, legs and feet, and where the person stands. */
  readonly body?: readonly SourceName[];
}

export interface MixedPart {
  /** The preferred first. */
  readonly order: readonly SourceName[];
  /** Who leads it now; null where nobody does. */
  readonly leader: SourceName | null;
}

export interface Mixer {
  readonly parts: {
    readonly head: MixedPart;
    readonly face: MixedPart;
    readonly eyes: MixedPart;
    readonly mouth: MixedPart;
    readonly arms: MixedPart;
    readonly hands: MixedPart;
    readonly fingers: MixedPart;
    readonly body: MixedPart;
  };
  /** Those that said something in the last ten seconds. */
  readonly sources: readonly ({
    readonly source: SourceName;
    /** Whether it said something within the last quarter of a second. */
    readonly live: boolean;
    /** Poses a second, or the camera's rigs. */
    readonly fps: number;
  })[];
}

/** RFC 9457. */
export interface Problem {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  /** One plain sentence. */
  readonly detail: string;
  /** What is wrong with single options of a query or a JSON body, at most 16 of them. */
  readonly errors?: readonly OptionError[];
}

export interface OptionError {
  /** One plain sentence. */
  readonly detail: string;
  /** The name in the query. */
  readonly parameter?: string;
  /** The place in the body, a JSON pointer: `#/outputs/0/port`. */
  readonly pointer?: string;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export type PoseOrNone = null | {
  readonly landmarks: readonly PoseLandmark[];
};

export type FaceOrNone = null | {
  readonly landmarks: readonly FaceLandmark[];
};

export interface Picture {
  /** Of the tracked picture, pixels. */
  readonly width: number;
  readonly height: number;
  /** Of the picture as it was sent, upright. */
  readonly source: Size;
  readonly tracker: Tracker;
  readonly tracking_ms: number;
  /** Who it is, of the people in the picture: 0, unless more than one was asked for. */
  readonly person: number;
  readonly pose: PoseOrNone;
  readonly face: FaceOrNone;
  readonly left_hand: HandOrNone;
  readonly right_hand: HandOrNone;
  /** Other people in the picture, by rising index; there where `people` is above 1. */
  readonly others?: readonly ({
    readonly person: PersonIndex;
    readonly pose: PoseOrNone;
    readonly face: FaceOrNone;
    readonly left_hand: HandOrNone;
    readonly right_hand: HandOrNone;
  })[];
}

export type HandOrNone = null | {
  readonly score: number;
  readonly landmarks: readonly HandLandmark[];
};

/** x and y are parts of the picture's width and height, z of its width; `_px` are pixels. */
export interface FaceLandmark {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly x_px: number;
  readonly y_px: number;
}

export interface HandLandmark {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly x_px: number;
  readonly y_px: number;
  readonly name: string;
  readonly world: World;
}

export interface PoseLandmark {
  readonly x: number;
  readonly y: number;
  readonly z: number;
  readonly x_px: number;
  readonly y_px: number;
  readonly name: string;
  readonly visibility: number;
  readonly world: World;
}

/** Metres. */
export interface World {
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** The options of a publisher's session. */
export const publishOptions = {
  tracker: {
    default: "holistic",
    values: ["holistic", "pose", "hands", "face"],
  },
  quality: {
    default: "balanced",
    values: ["exact", "balanced", "fast"],
  },
  people: {
    default: 1,
    minimum: 1,
    maximum: 4,
  },
  overlay: {
    default: ["limbs", "rainbow", "contours"],
    values: ["classic", "limbs", "rainbow", "mesh", "contours"],
  },
  confidence: {
    default: 0.5,
    minimum: 0,
    maximum: 1,
  },
  line_width: {
    default: 1,
    minimum: 0.25,
    maximum: 4,
  },
  opacity: {
    default: 1,
    minimum: 0,
    maximum: 1,
  },
  background: {
    default: "video",
    values: ["video", "dim", "black"],
  },
  privacy: {
    default: "off",
    values: ["off", "blur", "pixelate"],
  },
  mirror: {
    default: false,
  },
  pace: {
    default: "sync",
    values: ["sync", "smooth"],
  },
  hud: {
    default: false,
  },
  smoothing: {
    default: "balanced",
    values: ["responsive", "balanced", "smooth"],
  },
  body: {
    default: "auto",
    values: ["auto", "full", "half"],
  },
  root: {
    default: "full",
    values: ["none", "sideways", "full"],
  },
  field_of_view: {
    default: 60,
    minimum: 20,
    maximum: 150,
  },
  camera: {
    default: "auto",
    values: ["auto", "set"],
  },
  camera_tilt: {
    default: 0,
    minimum: -50,
    maximum: 50,
  },
  camera_height: {
    default: 1,
    minimum: 0,
    maximum: 5,
  },
  expression_style: {
    default: "natural",
    values: ["subtle", "natural", "lively"],
  },
  exercises: {
    default: [],
  },
  withhold: {
    default: false,
  },
  hand_features: {
    default: false,
  },
  events: {
    default: [],
    values: [
      "gesture", "rep", "posture", "hands_lost", "person_lost", "fall", "head", "drowsy", "motion",
    ],
  },
  hud_angles: {
    default: [],
    values: [
      "left_elbow", "right_elbow", "left_shoulder_flexion", "right_shoulder_flexion",
      "left_shoulder_abduction", "right_shoulder_abduction", "left_wrist", "right_wrist", "left_hip_flexion",
      "right_hip_flexion", "left_hip_abduction", "right_hip_abduction", "left_knee", "right_knee",
      "left_ankle", "right_ankle", "neck", "trunk_lean", "trunk_side_lean", "trunk_twist",
    ],
  },
  return: {
    default: "video",
    values: ["video", "none"],
  },
  format: {
    default: "binary",
    values: ["binary", "json"],
  },
  part: {
    default: "all",
    values: ["all", "face", "body"],
  },
} as const;

/** The settings that a session begins with where it names none. */
export const settingsDefaults: AllSettings = {
  tracker: "holistic",
  quality: "balanced",
  people: 1,
  pace: "sync",
  overlay: ["limbs", "rainbow", "contours"],
  hud: false,
  return: "video",
  confidence: 0.5,
  line_width: 1,
  opacity: 1,
  background: "video",
  privacy: "off",
  mirror: false,
  smoothing: "balanced",
  body: "auto",
  root: "full",
  field_of_view: 60,
  camera: "auto",
  camera_tilt: 0,
  camera_height: 1,
  expression_style: "natural",
  exercises: [],
  withhold: false,
  hand_features: false,
  events: [],
  hud_angles: [],
};

/** The settings that `POST /v1/images` has, too. */
export const imageOptionNames: readonly string[] = [
  "tracker", "quality", "people", "overlay", "confidence", "line_width", "opacity", "background", "privacy",
  "mirror",
];

/** Where the apps of outputs listen unless told otherwise. */
export const outputPorts: Record<OutputKind, number> = {
  vmc: 39539,
  vts: 8001,
  ifacialmocap: 49983,
  livelinkface: 11111,
  vrchat: 9000,
  osc: 10000,
};

/** Of a room's name. */
export const roomPattern = /^[A-Za-z0-9_-][A-Za-z0-9._-]{0,63}$/;

/** What `roomPattern` says, for people. */
export const roomNameRule = "A room's name has 1 to 64 letters (A to Z), digits, dots, dashes or underscores, and does not begin with a dot." as const;
