import {
  credentialId,
  type Case,
  type Credential,
  type Rotation,
  type Version,
} from "@rekey/domain";
import { operator, type SmallWorld } from "./small-world.fixture.ts";

/** The things people, feeds and consumers do in a small world. */
export const deedsOf = (world: SmallWorld) => {
  const { ledger } = world;
  const view = async (id = "main") => (await ledger.credential(credentialId(id)))!;
  const cases = async (): Promise<readonly Case[]> => await ledger.cases({ limit: 1_000 });
  const wish = async (id = "main"): Promise<void> =>
    await world.report({
      kind: "manual",
      effect: "rotate",
      locators: [{ scheme: "rekey", value: id }],
    });
  const allClosed = async (): Promise<boolean> =>
    (await cases()).every((one) => one.state.at === "closed");
  const tell = async (
    target: { kind: "case" | "rotation"; id: string },
    input: Parameters<typeof ledger.appendInput>[0]["input"],
  ) => await ledger.appendInput({ target, input, actor: operator });
  return {
    view,
    cases,
    wish,
    allClosed,
    tell,
    versions: async (id?: string): Promise<readonly Version[]> => (await view(id)).versions,
    active: async (id?: string): Promise<Rotation | undefined> => (await view(id)).active,
    credential: async (id?: string): Promise<Credential> => (await view(id)).credential,
    /** First versions of everything, the control credential's too. */
    begin: async (...ids: readonly string[]): Promise<void> => {
      for (const id of ["control", ...(ids.length === 0 ? ["main"] : ids)]) await wish(id);
      await world.until(allClosed);
    },
    leak: async (what: string): Promise<void> =>
      await world.report({
        kind: "exposure",
        effect: "expose",
        locators: [{ scheme: "rekey", value: what }],
        confidence: "valid",
      }),
    offboard: async (): Promise<void> =>
      await world.report({
        kind: "offboarding",
        effect: "end",
        subject: { type: "service", ids: [{ scheme: "rekey", value: "payments" }] },
      }),
    move: async (consumer: string, version: number, id = "main"): Promise<void> =>
      void (await ledger.sight({
        consumer: consumer as never,
        credential: credentialId(id),
        instance: "a",
        version,
        counted: true,
      })),
  };
};
