/** For how long an answer is taken as known: about a block. */
const FRESH_MS = 1_000;

/** Asks again only once the last answer is about a block old. */
export function fresh<Answer>(ask: () => Promise<Answer>): () => Promise<Answer> {
  let known: { readonly at: number; readonly answer: Promise<Answer> } | null = null;
  return () => {
    const now = performance.now();
    if (known !== null && now - known.at < FRESH_MS) return known.answer;
    const asked = { at: now, answer: ask() };
    known = asked;
    // A failure is the asker's, not the next one's too.
    asked.answer.catch(() => {
      if (known === asked) known = null;
    });
    return asked.answer;
  };
}
