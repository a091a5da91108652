import { Fault } from "@rekey/domain";
import type { Call, Mark } from "@rekey/domain";
import { eachBounded } from "./bounded.ts";
import type { AppRoleServer } from "./client.ts";
import { parseMark } from "./mark.ts";

export const lookupsAtOnce = 16;
const tokensMax = 100_000;
const roundsMax = 10;

/**
 * Finds the tokens that were issued from a secret id. Vault cannot list them, so every token's metadata is read
 * once, which never changes: what was read is kept, and a sweep that ran out of time goes on where it stopped.
 */
export interface TokenSweep {
  /** Ends the tokens whose mark is meant, until none is left; answers how many there were. */
  end(isMeant: (mark: Mark) => boolean, call: Call): Promise<number>;
}

export function createTokenSweep(server: AppRoleServer): TokenSweep {
  /** By accessor; undefined: not ours. */
  const known = new Map<string, Mark | undefined>();
  const alive = async (call: Call): Promise<void> => {
    const accessors = new Set(await server.tokenAccessors(call));
    if (accessors.size > tokensMax)
      throw new Fault("PROVIDER_REJECTED", { providerCode: "too-many-tokens" });
    for (const accessor of known.keys()) if (!accessors.has(accessor)) known.delete(accessor);
    const unread = [...accessors].filter((accessor) => !known.has(accessor));
    await eachBounded(unread, lookupsAtOnce, async (accessor) => {
      const metadata = await server.tokenMetadata(accessor, call);
      if (metadata !== undefined) known.set(accessor, parseMark(metadata));
    });
  };
  const revoke = async (accessor: string, call: Call): Promise<boolean> => {
    const ended = await server.revokeToken(accessor, call);
    known.delete(accessor);
    return ended;
  };
  return {
    async end(isMeant, call) {
      let ended = 0;
      for (let round = 0; round < roundsMax; round += 1) {
        await alive(call);
        const meant = [...known].filter(([, mark]) => mark !== undefined && isMeant(mark));
        if (meant.length === 0) return ended;
        const outcomes = await eachBounded(meant, lookupsAtOnce, ([accessor]) =>
          revoke(accessor, call),
        );
        ended += outcomes.filter(Boolean).length;
      }
      throw new Fault("PROVIDER_UNREACHABLE", { providerCode: "tokens-remain" });
    },
  };
}
