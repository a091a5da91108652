import { isIP } from "node:net";

/** A host that only this machine can reach. */
export const isLoopback = (host: string): boolean => {
  const plain = host.replace(/^\[(.*)\]$/, "$1");
  if (isIP(plain) === 4) return plain.startsWith("127.");
  return plain === "::1" || plain === "localhost";
};
