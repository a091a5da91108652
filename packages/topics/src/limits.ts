/** A record of 1 MiB, and room for its key and headers. */
export const recordBytesMax = 1_048_576 + 65_536;
