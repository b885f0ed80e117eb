/** Text of the document: paragraphs, with `code` in them. */
export function Prose({ text }: { text: string | undefined }) {
  if (!text) return null;
  return (
    <>
      {text
        .trim()
        .split(/\n\s*\n/)
        .map((paragraph) => (
          <p key={paragraph}>
            {paragraph
              .split(/(`[^`]+`)/)
              .map((part) => (part.startsWith("`") ? <code key={part}>{part.slice(1, -1)}</code> : part))}
          </p>
        ))}
    </>
  );
}
