import { Fault } from "@rekey/domain";
import { Secret } from "@rekey/secret";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scramVerifier } from "./scram.ts";
import { verifierAccepts } from "./verifier.fake.ts";

test("the verifier is the one that RFC 7677's example exchange was made from", async () => {
  // RFC 7677, 3: user "user", password "pencil", this salt, 4096 iterations; its ServerSignature and
  // ClientProof follow from these two keys.
  const salt = Buffer.from("W22ZaJ0SNY7soEsUEjb6gQ==", "base64");
  const verifier = await scramVerifier(Secret.fromUtf8("pencil"), salt);
  expect(verifier).toBe(
    "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=",
  );
});

test("a verifier accepts its own password and no other", async () => {
  const passwords = fc.stringMatching(/^[\x20-\x7e]{1,64}$/);
  await fc.assert(
    fc.asyncProperty(passwords, passwords, async (own, other) => {
      const verifier = await scramVerifier(Secret.fromUtf8(own));
      expect(verifierAccepts(verifier, Secret.fromUtf8(own))).toBe(true);
      expect(verifierAccepts(verifier, Secret.fromUtf8(other))).toBe(own === other);
    }),
    { numRuns: 25 },
  );
});

test("the same password never gives the same verifier twice", async () => {
  const password = Secret.fromUtf8("pencil");
  expect(await scramVerifier(password)).not.toBe(await scramVerifier(password));
});

test("a password that the server would normalise is refused", async () => {
  for (const text of ["", "naïve", "tab\t", "ﬁ", "a".repeat(1025)])
    await expect(scramVerifier(Secret.fromUtf8(text))).rejects.toBeInstanceOf(Fault);
});
