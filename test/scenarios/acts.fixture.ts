import type { Case, Rotation } from "@rekey/domain";
import type { World } from "./world.fixture.ts";

/** A person at the machine. */
export const operator = {
  id: "local:test",
  authenticated: "local-socket",
  roles: ["operator"],
} as const;

/** The things people and feeds do in a scenario, in their words. */
export const actsOf = (world: World) => {
  const allClosed = async (): Promise<boolean> => {
    const cases = await world.cases();
    return cases.length > 0 && cases.every((one) => one.state.at === "closed");
  };
  const wish = async (credential: string): Promise<void> =>
    await world.report({
      kind: "manual",
      effect: "rotate",
      locators: [{ scheme: "rekey", value: credential }],
    });
  return {
    allClosed,
    /** Asks for a rotation, and does not wait for it. */
    wish,
    rotate: async (credential: string): Promise<void> => {
      await wish(credential);
      await world.until(allClosed);
    },
    leak: async (version: string): Promise<void> =>
      await world.report({
        kind: "exposure",
        effect: "expose",
        locators: [{ scheme: "rekey", value: version }],
        confidence: "valid",
      }),
    setMode: async (mode: "act" | "observe" | "propose", name = ""): Promise<void> =>
      await world.parts.ledger.setMode({
        setting: { scope: name === "" ? "everything" : "credential", name, mode },
        actor: operator,
        reason: "test",
      }),
    outcomes: async (): Promise<readonly string[]> =>
      (await world.cases())
        .map(
          (one: Case) =>
            `${one.kind} ${one.state.at === "closed" ? one.state.outcome : one.state.at}`,
        )
        .sort(),
    active: async (id: string): Promise<Rotation | undefined> => {
      const views = await world.parts.ledger.credentials({ limit: 100 });
      return views.find((view) => view.credential.id === id)?.active;
    },
  };
};
