import { Fault } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import { scanMembers } from "./json-members.ts";

/** Text fields of a JSON object by name. STORE_REJECTED when one is not there or is no text. */
export const pickFields = (
  text: string,
  names: readonly string[],
): Readonly<Record<string, Secret>> => {
  const members = scanMembers(text) ?? [];
  return Object.fromEntries(
    names.map((name) => {
      const member = members.findLast(({ key }) => key === name);
      if (member === undefined) throw rejected("field-missing");
      const value: unknown = JSON.parse(text.slice(member.valueStart, member.valueEnd));
      if (typeof value !== "string") throw rejected("field-not-text");
      return [name, Secret.fromUtf8(value)];
    }),
  );
};

const rejected = (providerCode: string): Fault => new Fault("STORE_REJECTED", { providerCode });
