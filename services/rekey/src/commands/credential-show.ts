import { apiRoutes } from "@rekey/contracts";
import type { Instant } from "@rekey/domain";
import type { z } from "zod";
import { answer, type AddCommand, type Context } from "../context.ts";
import { stateText } from "../format/state.ts";
import { pairs, table } from "../format/table.ts";
import { lengthText, relative } from "../format/time.ts";
import { withMeant } from "./find.ts";

type Shown = z.output<typeof apiRoutes.credentials.show.reply>;

/** One credential with its versions, consumers and active rotation. */
export const addCredentialShow: AddCommand = (parent, context) => {
  parent
    .command("show")
    .description("one credential: versions, consumers, the rotation that is active")
    .argument("<credential>")
    .action(async (credential: string) => {
      const call = { route: apiRoutes.credentials.show, asked: { params: { credential } } };
      await withMeant(context, credential, () =>
        answer(context, call, (shown) => shownText(shown, context)),
      );
    });
};

const shownText = (shown: Shown, { clock, terminal }: Context): string => {
  const now = clock.now();
  const { active } = shown;
  return [
    factsText(shown),
    versionsText(shown, now),
    consumersText(shown, now),
    active === undefined
      ? "no rotation is active"
      : `rotation ${active.id}: ${stateText(active.state, terminal.paint, { now })}`,
  ].join("\n\n");
};

const factsText = ({ credential, policy }: Shown): string =>
  pairs([
    ["credential", credential.id],
    ["purpose", credential.purpose],
    ["identity", `${credential.identity}, owned by ${credential.owner}`],
    ["environment", credential.environment],
    ["issuer", credential.issuer.instance],
    ["store", credential.store && `${credential.store.store}: ${credential.store.document}`],
    ["policy", `${policy.name}, grace ${lengthText(policy.graceMs)}${byAge(policy.rotateAfterMs)}`],
    ["state", stateOf(credential)],
  ]);

const byAge = (rotateAfterMs: number | undefined): string =>
  rotateAfterMs === undefined
    ? ", never rotated by age"
    : `, rotated after ${lengthText(rotateAfterMs)}`;

const stateOf = ({ declared, ended, control, protected: kept }: Shown["credential"]): string =>
  [
    declared ? "declared" : "undeclared: it vanished from the inventory",
    ended ? "ended" : "",
    control ? "control credential of its issuer" : "",
    kept ? "protected: Rekey acts with it" : "",
  ]
    .filter((word) => word !== "")
    .join(", ");

const versionsText = ({ versions }: Shown, now: Instant): string => {
  if (versions.length === 0) return "no version yet: `rekey rotate` mints the first";
  const when = (at: number | undefined): string => (at === undefined ? "–" : relative(at, now));
  return table(
    ["version", "label", "life", "principal", "minted", "exposed", "contained", "proven dead"],
    versions.map((version) => [
      `#${version.number}`,
      version.label,
      version.life,
      version.principal ?? "–",
      when(version.mintedAt),
      when(version.exposedAt),
      when(version.containedAt),
      version.proof === undefined
        ? when(version.provenDeadAt)
        : `${when(version.provenDeadAt)} (${version.proof.grade}, ${version.proof.probes.length} probes)`,
    ]),
  );
};

const consumersText = ({ consumers }: Shown, now: Instant): string => {
  const rows = consumers.flatMap(({ consumer, instances }) =>
    instances.length === 0
      ? [[consumer.id, "–", "–", "never heard from"]]
      : instances.map((seen) => [
          consumer.id,
          seen.instance,
          seen.version === undefined ? "–" : `#${seen.version}`,
          `${relative(seen.lastSeenAt, now)}${seen.counted ? "" : ", not signed"}`,
        ]),
  );
  return rows.length === 0
    ? "no consumer is declared"
    : table(["consumer", "instance", "uses", "seen"], rows);
};
