const octet = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const loopback = new RegExp(`^(?:127(?:\\.${octet}){3}|::1|\\[::1\\]|localhost)$`);

/** A host that only this machine reaches, and so may be spoken to in the clear; IPv6 with or without brackets. */
export const isLoopback = (host: string): boolean => loopback.test(host);
