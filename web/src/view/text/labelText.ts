/** A name of the server's as people write it: `push_up` is "Push up". */
export function labelText(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
