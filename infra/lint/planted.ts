/** One file with one fault, and the rule that has to catch it there. */
type Planted = { readonly rule: string; readonly path: string; readonly text: string };

const lines = (count: number): string => "  total += 1;\n".repeat(count);

const domain = "packages/domain/src";
const gateway = "packages/gateway/src";

/** Each of these has to be caught. */
export const faults: readonly Planted[] = [
  {
    rule: "rekey(constant-log-message)",
    path: `${gateway}/log-template.ts`,
    text: "log.info(`rotated ${id}`);\n",
  },
  {
    rule: "rekey(constant-log-message)",
    path: `${gateway}/log-sum.ts`,
    text: 'this.log.error("failed: " + reason, { id });\n',
  },
  {
    rule: "rekey(constant-log-message)",
    path: `${gateway}/log-variable.ts`,
    text: "logger.warn(message);\n",
  },
  { rule: "rekey(no-reveal)", path: `${gateway}/reveal.ts`, text: "print(secret.reveal());\n" },
  { rule: "rekey(no-reveal)", path: `${gateway}/bytes.ts`, text: "print(secret.revealBytes());\n" },
  { rule: "rekey(no-reveal)", path: `${gateway}/text.ts`, text: 'print(secret["reveal"]());\n' },
  { rule: "rekey(no-reveal)", path: `${gateway}/unbound.ts`, text: "const { reveal } = secret;\n" },
  { rule: "rekey(no-reveal)", path: "packages/ledger/src/rows.ts", text: "put(dsn.reveal());\n" },
  {
    rule: "rekey(no-environment)",
    path: "packages/runtime/src/config.ts",
    text: "export const port = process.env.PORT;\n",
  },
  {
    rule: "rekey(no-environment)",
    path: `${gateway}/taken.ts`,
    text: "export const { env } = process;\n",
  },
  {
    rule: "rekey(no-environment)",
    path: `${gateway}/imported.ts`,
    text: 'import { env } from "node:process";\nshow(env);\n',
  },
  { rule: "rekey(no-ambient-time)", path: `${domain}/now.ts`, text: "show(Date.now());\n" },
  { rule: "rekey(no-ambient-time)", path: `${domain}/date.ts`, text: "show(new Date());\n" },
  { rule: "rekey(no-ambient-time)", path: `${domain}/dice.ts`, text: "show(Math.random());\n" },
  {
    rule: "rekey(no-ambient-time)",
    path: `${domain}/timer.ts`,
    text: "setInterval(show, 1000);\n",
  },
  {
    rule: "rekey(no-ambient-time)",
    path: "packages/engine/src/wait.ts",
    text: "setTimeout(show, 1000);\n",
  },
  {
    rule: "rekey(no-ambient-time)",
    path: "packages/engine/src/steps/mint.ts",
    text: "show(crypto.randomUUID());\n",
  },
  {
    rule: "rekey(no-ambient-time)",
    path: "packages/engine/src/token.ts",
    text: 'import { randomBytes as draw } from "node:crypto";\nshow(draw(8));\n',
  },
  {
    rule: "rekey(banned-names)",
    path: `${gateway}/route-helpers.ts`,
    text: "export const routes = 1;\n",
  },
  {
    rule: "rekey(banned-names)",
    path: `${gateway}/session.ts`,
    text: "export const sessionManager = 1;\n",
  },
  {
    rule: "rekey(banned-names)",
    path: `${gateway}/parameter.ts`,
    text: "export const open = (commonOptions: number): number => commonOptions;\n",
  },
  {
    rule: "rekey(banned-names)",
    path: `${gateway}/shape.ts`,
    text: "export interface IStore { readonly id: string }\n",
  },
  ...[
    ["row-info", "export const rows = 1;"],
    ["row-data", "export const rows = 1;"],
    ["row-handle", "export const rows = 1;"],
    ["said", "export interface ConnectionInfo { readonly port: number }"],
    ["kept", "export type SignalData = string;"],
    ["taken-in", "export const processRows = (rows: number): number => rows;"],
    ["done", "export function processAll(): void {}"],
    ["held", "export const sessionHandle = 1;"],
    ["opened", "export interface FileHandle { readonly path: string }"],
  ].map(([name = "", text = ""]) => ({
    rule: "rekey(banned-names)",
    path: `${gateway}/${name}.ts`,
    text: `${text}\n`,
  })),
  { rule: "rekey(no-testkit)", path: `${gateway}/kit.ts`, text: 'import "@rekey/testkit";\n' },
  {
    rule: "rekey(no-testkit)",
    path: `${gateway}/late-kit.ts`,
    text: 'await import("@rekey/testkit/clock");\n',
  },
  {
    rule: "rekey(no-module-mock)",
    path: `${gateway}/mock.test.ts`,
    text: 'vi.mock("pg");\n',
  },
  { rule: "import(no-default-export)", path: `${gateway}/whole.ts`, text: "export default 1;\n" },
  {
    rule: "eslint(max-params)",
    path: `${gateway}/parameters.ts`,
    text: "export const sum = (a: number, b: number, c: number, d: number) => a + b + c + d;\n",
  },
  {
    rule: "eslint(max-lines-per-function)",
    path: `${gateway}/long.ts`,
    text: `export function long(total: number): number {\n${lines(60)}  return total;\n}\n`,
  },
  {
    rule: "eslint(max-lines)",
    path: `${gateway}/tall.ts`,
    text: `let total = 0;\n${lines(300)}show(total);\n`,
  },
  {
    rule: "eslint(max-depth)",
    path: `${gateway}/deep.ts`,
    text: "export function deep(a: boolean) { if (a) { if (!a) { if (a) { if (!a) { show(a); } } } } }\n",
  },
  {
    rule: "eslint(no-warning-comments)",
    path: `${gateway}/later.ts`,
    text: `// ${"TO"}${"DO"}: finish\nshow(1);\n`,
  },
  {
    rule: "typescript(no-floating-promises)",
    path: `${gateway}/floating.ts`,
    text: "export const start = (): void => {\n  Promise.resolve(1);\n};\n",
  },
  {
    rule: "typescript(no-misused-promises)",
    path: `${gateway}/misused.ts`,
    text: "export const never = (): number => {\n  if (Promise.resolve(false)) return 1;\n  return 2;\n};\n",
  },
];

/** Each of these is allowed where it stands. */
export const allowed: readonly Omit<Planted, "rule">[] = [
  {
    path: `${gateway}/logs.ts`,
    text: 'log.info("rotation ended", { id });\nlog.warn({ id }, "rotation halted");\n',
  },
  { path: "packages/issuers/src/postgres/issuer.ts", text: "put(password.reveal());\n" },
  { path: "packages/stores/src/sealed-file/store.ts", text: "put(value.revealBytes());\n" },
  { path: "packages/consumer/src/current.ts", text: "put(value.reveal());\n" },
  { path: "packages/ledger/src/connect.ts", text: "put(dsn.reveal());\n" },
  { path: "services/rekey/src/main.ts", text: "start(process.env);\n" },
  { path: `${domain}/at.ts`, text: "show(new Date(atMs));\n" },
  { path: `${domain}/now.test.ts`, text: "show(Date.now());\n" },
  { path: "packages/runtime/src/clock.ts", text: "show(Date.now());\n" },
  {
    path: "packages/stores/src/aws-secrets-manager/client.ts",
    text: "export interface SecretsManagerCalls { readonly put: number }\n",
  },
  ...[
    ["server-process", "export const processKinds = ['gateway'];"],
    ["settings", "export const dataDir = '.rekey';"],
    ["signals", "export const handleSignal = (name: string): string => name;"],
    ["read", "import { data } from 'elsewhere';\nshow(data);"],
  ].map(([name = "", text = ""]) => ({ path: `${gateway}/${name}.ts`, text: `${text}\n` })),
  { path: "packages/stores/src/vault-kv/client.fake.ts", text: 'import "@rekey/testkit";\n' },
];
