/** A detail from the server as a sentence of its own: begun with a capital, ended with a stop. */
export function asSentence(text: string): string {
  if (!text) return "";
  const begun = text[0].toUpperCase() + text.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
