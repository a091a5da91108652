// Shorter texts cannot be told from words; names that people gave are no longer in one piece.
const pieceLengthMin = 10;
const wordLengthMax = 24;

/**
 * True where a text has a piece that looks drawn by lot: letters and digits that change more often than in
 * names, or more of them without a break than any word has. It finds keys, digests and UUIDs; no rule finds a
 * password that is a word.
 */
export const holdsToken = (text: string): boolean =>
  (text.match(/[A-Za-z0-9]+/g) ?? []).some(isDrawn);

function isDrawn(piece: string): boolean {
  if (piece.length >= wordLengthMax) return true;
  const words = piece.match(/[A-Z]?[a-z]+|[A-Z]+|[0-9]+/g) ?? [];
  return piece.length >= pieceLengthMin && words.length - 1 >= piece.length / 4;
}
