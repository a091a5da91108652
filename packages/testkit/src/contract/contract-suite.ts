import { describe, test } from "vitest";
import { startLeakCheck } from "../leaks.ts";

/** One guarantee that every implementation of a port keeps. */
export type ContractCase<Subject> = {
  /** A sentence: "the same key twice has one effect". */
  readonly guarantee: string;
  readonly run: (subject: Subject) => Promise<void>;
  /** Capabilities of the subject that the guarantee needs; an implementation that lacks one lists it as skipped. */
  readonly needs?: readonly string[];
};

/** One implementation, fake or real. */
export type Implementation<Subject> = {
  readonly name: string;
  readonly capabilities?: readonly string[];
  /** A fresh subject for each case. */
  readonly open: () => Promise<{ readonly subject: Subject; close(): Promise<void> }>;
};

/**
 * The frame of a contract suite. A room declares its cases once (`<kind>.suite.ts`) and calls the
 * answer for its fake and for each real implementation; each case gets a fresh subject and fails
 * when it leaves a handle behind.
 */
export function contractSuite<Subject>(
  port: string,
  cases: readonly ContractCase<Subject>[],
): (implementation: Implementation<Subject>) => void {
  return ({ name, capabilities = [], open }) => {
    describe(`${port}: ${name}`, () => {
      for (const { guarantee, run, needs = [] } of cases) {
        const lacks = needs.filter((need) => !capabilities.includes(need));
        test.skipIf(lacks.length > 0)(titleOf(guarantee, lacks), async () => {
          const leaks = startLeakCheck();
          const opened = await open();
          try {
            await run(opened.subject);
          } finally {
            await opened.close();
          }
          await leaks.expectNone();
        });
      }
    });
  };
}

function titleOf(guarantee: string, lacks: readonly string[]): string {
  return lacks.length === 0 ? guarantee : `${guarantee} (lacks ${lacks.join(", ")})`;
}
