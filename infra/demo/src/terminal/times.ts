const second = 1_000;

/** `0.08 s` below ten seconds, `12.3 s` above: two or three digits say enough. */
export const seconds = (milliseconds: number): string => {
  const digits = milliseconds < 10 * second ? 2 : 1;
  return `${(milliseconds / second).toFixed(digits)} s`;
};
