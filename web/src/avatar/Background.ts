/** What is behind the avatar; a picture is an address that the page may load, its own or a `blob:`. */
export type Background =
  | { readonly kind: "transparent" }
  | { readonly kind: "colour"; readonly colour: string }
  | { readonly kind: "picture"; readonly url: string };
