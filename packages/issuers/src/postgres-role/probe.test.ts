import { expect, test } from "vitest";
import { answerOf } from "./probe.ts";

const permitted = 'role "rekey_pay_1" is not permitted to log in';
const hba = 'pg_hba.conf rejects connection for host "10.0.0.1", user "x", database "y"';
const noEntry = 'no pg_hba.conf entry for host "10.0.0.1", user "x", database "y", no encryption';

const answers: readonly [name: string, refusal: Parameters<typeof answerOf>[0], answer: string][] =
  [
    ["accepted", undefined, "alive strong"],
    [
      "disabled",
      { code: "28000", message: permitted, routine: "InitializeSessionUserId" },
      "dead strong",
    ],
    [
      "disabled, in another language",
      { code: "28000", message: "Rolle …", routine: "InitializeSessionUserId" },
      "dead strong",
    ],
    [
      "disabled, through a pooler",
      { code: "28000", message: permitted, routine: undefined },
      "dead strong",
    ],
    [
      "dropped during the login",
      { code: "28000", message: 'role "a\nb" does not exist', routine: undefined },
      "dead strong",
    ],
    [
      "wrong password",
      { code: "28P01", message: "password authentication failed", routine: "auth_failed" },
      "dead weak",
    ],
    [
      "pg_hba rejects",
      { code: "28000", message: hba, routine: "ClientAuthentication" },
      "unknown weak",
    ],
    ["no pg_hba entry", { code: "28000", message: noEntry, routine: undefined }, "unknown weak"],
    [
      "pg_hba rejects a user named to deceive",
      { code: "28000", message: hba.replace("x", permitted), routine: undefined },
      "unknown weak",
    ],
    [
      "starting",
      { code: "57P03", message: "the database system is starting up", routine: undefined },
      "unknown weak",
    ],
    [
      "full",
      { code: "53300", message: "sorry, too many clients already", routine: undefined },
      "unknown weak",
    ],
    ["no such database", { code: "3D000", message: "", routine: undefined }, "unknown weak"],
    ["refused", { code: "ECONNREFUSED", message: "", routine: undefined }, "unknown weak"],
    ["late", { code: "deadline", message: "", routine: undefined }, "unknown weak"],
  ];

for (const [name, refusal, expected] of answers) {
  test(`a login that ends as "${name}" means ${expected}`, () => {
    const { answer, strength, code } = answerOf(refusal);
    expect(`${answer} ${strength}`).toBe(expected);
    expect(code).toBe(refusal?.code ?? "00000");
  });
}
