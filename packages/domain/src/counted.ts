/** `1 credential`, `2 credentials`; a noun with another plural names it. */
export const counted = (count: number, noun: string, plural = `${noun}s`): string =>
  `${count} ${count === 1 ? noun : plural}`;
