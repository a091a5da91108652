import { BlockList, isIP } from "node:net";
import type { Bounds } from "./client.ts";

const bitsByFamily: Readonly<Record<number, number>> = { 4: 32, 6: 128 };

interface Block {
  readonly address: string;
  readonly bits: number;
  readonly family: "ipv4" | "ipv6";
}

/** An address block; a bare address is the block of itself alone, as Vault shows it. */
function blockOf(text: string): Block | undefined {
  const [address = "", bits, ...rest] = text.split("/");
  const most = bitsByFamily[isIP(address)];
  if (most === undefined || rest.length > 0 || !/^\d{1,3}$/.test(bits ?? String(most)))
    return undefined;
  const count = Number(bits ?? most);
  const family = most === 32 ? "ipv4" : "ipv6";
  return count <= most ? { address, bits: count, family } : undefined;
}

/** With its length: Vault takes no bare address. */
export const isCidr = (text: string): boolean => text.includes("/") && blockOf(text) !== undefined;

/** True where every block of the inner bounds lies in one of the outer; no outer block allows all. */
export const areWithin = (inner: Bounds, outer: Bounds): boolean =>
  allWithin(inner.cidrs, outer.cidrs) && allWithin(inner.tokenCidrs, outer.tokenCidrs);

const allWithin = (inner: readonly string[], outer: readonly string[]): boolean =>
  outer.length === 0 || inner.every((cidr) => outer.some((block) => isWithin(cidr, block)));

function isWithin(inner: string, outer: string): boolean {
  const [small, large] = [blockOf(inner), blockOf(outer)];
  if (small === undefined || large === undefined || small.family !== large.family) return false;
  const block = new BlockList();
  block.addSubnet(large.address, large.bits, large.family);
  return small.bits >= large.bits && block.check(small.address, small.family);
}
