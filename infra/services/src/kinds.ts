import { existsSync } from "node:fs";
import { join } from "node:path";

/** Each is a process of its own, any number of times. */
export const serviceKinds = ["intake", "rotator", "scheduler", "relay", "gateway"] as const;
export type ServiceKind = (typeof serviceKinds)[number];

/** Of one kind on one machine; so many operations ports are set aside. */
export const replicasMax = 9;

const operationsPortFirst = 19_501;
const portsOfAKind = 10;

/** Where the first checkout has its health: intake 19501 and up, rotator 19511 and up. Another one's is thousands higher. */
export const operationsPortOf = (kind: ServiceKind, replica: number): number =>
  operationsPortFirst + serviceKinds.indexOf(kind) * portsOfAKind + replica - 1;

const root = join(import.meta.dirname, "../../..");

/** A file of the checkout, from its root. */
export const checkoutFile = (path: string): string => join(root, path);

/** The process of a kind, as an operator starts it. */
export const mainOf = (kind: ServiceKind): string => {
  const file = checkoutFile(`services/${kind}/src/main.ts`);
  if (!existsSync(file)) throw new TypeError(`there is no ${file}`);
  return file;
};
