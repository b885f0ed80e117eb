/** A sentence for the names in an address that are no option's, such as `frame` for `framing`; none where there are none. */
export function unknownOptions(
  query: URLSearchParams,
  known: readonly string[],
  silent: readonly string[] = [],
): string[] {
  const unknown = [...new Set(query.keys())].filter(
    (name) => !known.includes(name) && !silent.includes(name),
  );
  if (unknown.length === 0) return [];
  const names = unknown.map((name) => `“${name}”`).join(", ");
  return [`This page has no option ${names}: there are ${known.join(", ")}.`];
}
