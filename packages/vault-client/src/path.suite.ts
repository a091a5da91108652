import fc from "fast-check";
import { expect, it } from "vitest";
import type { VaultClient } from "./client.ts";
import { call, type ClientPlace } from "./client.fixture.ts";
import { VaultError } from "./error.ts";
import { vaultPath } from "./path.ts";

/** A thousand requests on a slow machine. */
const patientMs = 60_000;

const piece = fc.constantFrom(
  ..."../|..|.|%2e%2e|%2F|%|?version=1|#|é|\u00a0|e\u0301|\u202e|\u20ac| |+|\\|*|&#x2F;|{{x}}|;|:|@|'|\"|\0|\n|\t|\x7f|\ud800|sys/health".split(
    "|",
  ),
  "a",
  "|",
);
const names = fc.array(piece, { minLength: 1, maxLength: 4 }).map((pieces) => pieces.join(""));

interface Bench {
  readonly place: Pick<ClientPlace, "mount">;
  readonly root: VaultClient;
}

/** Whatever a name is, it never becomes another path than its own. */
export const hostileNamesSuite = (bench: () => Bench): void => {
  it(
    "a hostile name is refused, or is exactly its own path and no other",
    { timeout: patientMs },
    async () => {
      const { root, place } = bench();
      const written = new Set<string>();
      await fc.assert(
        fc.asyncProperty(names, async (name) => {
          const path = await Promise.resolve(name)
            .then((one) => vaultPath`${place.mount}/data/team/${one}`)
            .catch((error: unknown) => error);
          if (path instanceof VaultError) {
            expect(path).toMatchObject({ kind: "invalid", providerCode: "BAD_PATH" });
            expect(name).toMatch(/^\.{0,2}$|\/|[\p{C}\p{Zl}\p{Zp}]|\u00a0/u);
            return;
          }
          await root.write(vaultPath`${place.mount}/data/team/${name}`, { data: { name } }, call);
          written.add(name);
          const { data } = await root.read(vaultPath`${place.mount}/data/team/${name}`, call);
          expect(data).toMatchObject({ data: { name } });
        }),
        { numRuns: 500 },
      );
      const listed = await root.list(vaultPath`${place.mount}/metadata/team`, call);
      expect(new Set(listed)).toEqual(written);
      expect(await root.list(vaultPath`${place.mount}/metadata`, call)).toEqual(["team/"]);
    },
  );
};
