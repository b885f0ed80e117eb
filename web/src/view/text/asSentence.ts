/** A detail from the server as a sentence: with a capital at its beginning and a full stop at its end. */
export function asSentence(text: string): string {
  if (!text) return "";
  const begun = text[0].toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
