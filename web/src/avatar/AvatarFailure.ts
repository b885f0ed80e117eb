/** What can be wrong with an avatar, an animation or a picture that a person gives. */
export type AvatarFailureKind =
  | "missing"
  | "unreachable"
  | "not-an-avatar"
  | "not-an-animation"
  | "unreadable";

/** Why an avatar cannot be shown, in a sentence for the person who gave it. */
export class AvatarFailure extends Error {
  override readonly name = "AvatarFailure";

  constructor(
    readonly kind: AvatarFailureKind,
    /** One plain sentence. */
    readonly detail: string,
  ) {
    super(detail);
  }
}
