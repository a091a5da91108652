import { apiRoutes } from "@rekey/contracts";
import { counted, type Instant } from "@rekey/domain";
import { answer, type AddCommand } from "../context.ts";
import type { Paint } from "../format/paint.ts";
import { haltText, stateText, type CaseDetail, type RotationShown } from "../format/state.ts";
import { pairs, table } from "../format/table.ts";
import { relative } from "../format/time.ts";
import { findCase } from "./find.ts";

/** One case with everything that follows from it. */
export const addCaseShow: AddCommand = (parent, context) => {
  parent
    .command("show")
    .description("one case: what is in scope, its rotations step by step, what is owed")
    .argument("<case>", "its id, the end of it, or what it is about")
    .action(async (text: string) => {
      const params = { case: await findCase(context, text) };
      const { paint } = context.terminal;
      await answer(context, { route: apiRoutes.cases.show, asked: { params } }, (detail) =>
        caseText(detail, paint, context.clock.now()),
      );
    });
};

/** Everything of a case, for people. */
const caseText = (detail: CaseDetail, paint: Paint, now: Instant): string =>
  [
    headText(detail, paint, now),
    itemsText(detail),
    ...detail.rotations.map((rotation) => rotationText(rotation, paint, now)),
    owedText(detail, now),
  ]
    .filter((part) => part !== "")
    .join("\n\n");

const headText = ({ case: shown, next }: CaseDetail, paint: Paint, now: Instant): string =>
  pairs([
    ["case", shown.id],
    [
      "kind",
      `${shown.kind} about ${shown.about}${shown.episode > 1 ? `, episode ${shown.episode}` : ""}`,
    ],
    ["state", stateText(shown.state, paint, { now, waitsOn: shown.waitsOn })],
    ["", haltText(shown.state)],
    ["next", next],
    ["step", shown.state.at === "closed" ? undefined : shown.step],
    ["mode", shown.mode],
    [
      "opened",
      `${relative(shown.openedAt, now)} by ${shown.producer}, ${counted(shown.signals, "signal")}`,
    ],
    ["requested", shown.requestedBy],
    ["approved", shown.approvedBy.join(", ")],
  ]);

const itemsText = ({ items }: CaseDetail): string =>
  items.length === 0
    ? ""
    : table(
        ["credential", "version", "wanted", "wave", "outcome"],
        items.map((item) => [
          item.credential,
          item.version === undefined ? "–" : `#${item.version}`,
          item.wanted,
          String(item.wave),
          item.outcome ?? "–",
        ]),
      );

/** A rotation's steps: what is done, what is at hand, what is planned. */
export const rotationText = (rotation: RotationShown, paint: Paint, now: Instant): string => {
  const { done, open, plan } = rotation;
  const planned = plan.filter(({ key }) => !done.includes(key));
  return [
    `${paint.strong(rotation.credential)} rotation ${rotation.number} (${rotation.id}): ${stateText(rotation.state, paint, { now })}`,
    ...[haltText(rotation.state)].filter((text) => text !== undefined).map((text) => `  ${text}`),
    ...done.map((key) => `  ${paint.good("done")}     ${key}`),
    ...planned.map(({ key, why }) =>
      key === open?.key
        ? `  ${paint.warn("at hand")}  ${key}  ${why}`
        : `  ${paint.quiet("planned")}  ${key}  ${why}`,
    ),
    ...movedLines(rotation),
  ].join("\n");
};

const movedLines = ({ moved, unmoved }: RotationShown): readonly string[] => [
  ...(moved.length === 0 ? [] : [`  moved: ${moved.join(", ")}`]),
  ...(unmoved.length === 0 ? [] : [`  not moved: ${unmoved.join(", ")}`]),
];

const owedText = ({ obligations, versions }: CaseDetail, now: Instant): string => {
  const open = obligations.filter(({ settledAt }) => settledAt === undefined);
  if (obligations.length === 0) return "";
  const settled = `${obligations.length - open.length} of ${counted(obligations.length, "revocation")} owed ${obligations.length === 1 ? "is" : "are"} settled`;
  const lines = open.map(
    ({ credential = "the whole case", version, openedAt, lastReason = "" }) => {
      const name = version === undefined ? credential : `${credential}#${version}`;
      const subject = versions.find(
        (one) => one.credential === credential && one.number === version,
      );
      const owed = `  owed: ${name}, since ${relative(openedAt, now)}${stoppedText(subject, now)}`;
      return `${owed} ${lastReason}`.trimEnd();
    },
  );
  return [settled, ...lines].join("\n");
};

/** A stop that nobody has seen hold: the person who reads it need not stop it by hand, and does not take it for dead. */
const stoppedText = (
  version: Partial<CaseDetail["versions"][number]> | undefined,
  now: Instant,
): string => {
  const { suspendedAt, containedAt, provenDeadAt } = version ?? {};
  if (suspendedAt === undefined || containedAt !== undefined || provenDeadAt !== undefined)
    return "";
  return `, suspended ${relative(suspendedAt, now)}, not yet tried and refused`;
};
