/** A running source of pictures: a camera, or a file that plays as if it were one. */
export interface Capture {
  readonly kind: "camera" | "file";
  /** What a person would call it. */
  readonly label: string;
  readonly stream: MediaStream;
  readonly track: MediaStreamTrack;
  /** Ends it; the camera's light goes out. */
  close(): void;
}
