import { fixedSource } from "@rekey/runtime";
import { expect, test } from "vitest";
import { tokensForgottenMax } from "../commands/consumers.ts";
import { ask, freshLedger, openOn } from "./database.suite.ts";
import { grantedRole } from "./granted-role.suite.ts";

const fillText = `
  insert into rekey.acknowledgement_tokens
    select 'old' || n, 'app', now() - interval '30 days' from generate_series(1, 2500) n
    union all select 'new' || n, 'app', now() - interval '7 days' from generate_series(1, 10) n`;

test("schedulers beside each other forget every old token once, a bounded number at a time, as the services' role", async () => {
  const database = await freshLedger();
  const role = await grantedRole(database);
  const ledger = await openOn(database, { connection: fixedSource(role.url) });
  await ask(database, fillText);
  const rounds: number[] = [];
  for (let round = 0; round < 4; round += 1)
    rounds.push(...(await Promise.all([ledger.forgetTokens(), ledger.forgetTokens()])));
  expect(Math.max(...rounds)).toBe(tokensForgottenMax);
  expect(rounds.reduce((sum, count) => sum + count, 0)).toBe(2_500);
  const left = await ask<{ count: string }>(
    database,
    "select count(*) from rekey.acknowledgement_tokens where token_id like 'new%'",
  );
  expect(left).toEqual([{ count: "10" }]);
  await ledger.close();
  await role.drop();
  await database.drop();
});
