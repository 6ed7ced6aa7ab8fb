/** A piece has about so many characters. */
const PIECE = 65_536;

/**
 * A value as JSON, piece by piece. What can be gone through but is no list is written as one while it is made, so that neither it nor
 * its text is ever there as a whole. Members must not be undefined.
 */
export function* jsonPieces(value: unknown): Generator<string, void> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) yield JSON.stringify(value);
  else if (Symbol.iterator in value) yield* listPieces(value as Iterable<unknown>);
  else {
    let before = "{";
    for (const [name, member] of Object.entries(value)) {
      yield `${before}${JSON.stringify(name)}:`;
      yield* jsonPieces(member);
      before = ",";
    }
    yield before === "{" ? "{}" : "}";
  }
}

function* listPieces(items: Iterable<unknown>): Generator<string, void> {
  let [piece, before] = ["[", ""];
  for (const item of items) {
    piece += before + JSON.stringify(item);
    before = ",";
    if (piece.length < PIECE) continue;
    yield piece;
    piece = "";
  }
  yield `${piece}]`;
}
