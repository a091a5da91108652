import { packagesOf, type Tree } from "./tree.ts";

const sections = ["## What it is for", "## What it must never do", "## How to add to it"];

// Members of each tag, as ARCHITECTURE.md lists them.
const tags: Readonly<Record<string, readonly string[]>> = {
  core: ["packages/domain", "packages/secret"],
  contract: ["packages/contracts"],
  kit: ["packages/runtime"],
  testing: ["packages/testkit", "infra/stack", "infra/services"],
  engine: ["packages/engine", "packages/producers"],
  driver: ["packages/vault-client"],
  adapter: [
    "packages/ledger",
    "packages/topics",
    "packages/jobs",
    "packages/issuers",
    "packages/stores",
  ],
  workload: ["packages/consumer"],
  edge: ["packages/gateway"],
  app: ["packages/app"],
  service: [
    "services/rekey",
    "services/intake",
    "services/rotator",
    "services/scheduler",
    "services/relay",
    "services/gateway",
  ],
  demo: ["infra/demo", "infra/bench"],
  docs: ["infra/docs"],
  lint: ["infra/lint"],
  test: ["test"],
};

// What a service may name itself; turbo reads its own list transitively and would let more through.
const serviceMayName = new Set(["@rekey/app", "@rekey/runtime", "@rekey/contracts"]);
const coreNames = new Set(["@rekey/domain", "@rekey/secret"]);

const mainLinesMax = 20;

/** Entry points that do more than wire: a service's `main.ts` reads the environment and starts. */
export const mainFindings = (tree: Tree): readonly string[] =>
  tree.paths
    .filter((path) => /^services\/[^/]+\/src\/main\.ts$/.test(path))
    .filter((path) => tree.read(path).trimEnd().split("\n").length > mainLinesMax)
    .map((path) => `${path} has more than ${mainLinesMax} lines`);

/** What is wrong with the rooms: names, tags, README, and who names whom. */
export const roomFindings = (tree: Tree): readonly string[] =>
  packagesOf(tree).flatMap((room) => [
    ...readmeFindings(tree, room),
    ...tagFindings(tree, room),
    ...manifestFindings(tree, room),
  ]);

const readmeFindings = (tree: Tree, room: string): string[] => {
  const path = `${room}/README.md`;
  if (!tree.paths.includes(path)) return [`${room} has no README.md`];
  const headings = tree.read(path).split("\n");
  return sections
    .filter((section) => !headings.includes(section))
    .map((section) => `${path} has no section "${section}"`);
};

const tagFindings = (tree: Tree, room: string): string[] => {
  const path = `${room}/turbo.json`;
  const found: unknown = tree.paths.includes(path) ? JSON.parse(tree.read(path)).tags : [];
  const wanted = Object.keys(tags).filter((tag) => tags[tag]?.includes(room));
  if (wanted.length !== 1) return [`${room} is no member of the tag table`];
  const same = JSON.stringify(found) === JSON.stringify(wanted);
  return same ? [] : [`${path} must carry the tag ${wanted.join()}`];
};

const manifestFindings = (tree: Tree, room: string): string[] => {
  const manifest = JSON.parse(tree.read(`${room}/package.json`));
  const named: Record<string, string> = { ...manifest.dependencies, ...manifest.devDependencies };
  const loose = Object.entries(named).filter(([, range]) => !/^(catalog|workspace):/.test(range));
  const foreign = room.startsWith("services/")
    ? Object.keys(named).filter((name) => name.startsWith("@rekey/"))
    : [];
  return [
    ...(manifest.private === true ? [] : [`${room} is not private`]),
    ...(manifest.scripts?.types === undefined ? [`${room} has no script "types"`] : []),
    ...loose.map(([name]) => `${room} names a version of ${name} outside the catalog`),
    ...foreign
      .filter((name) => !serviceMayName.has(name) && !coreNames.has(name))
      .map((name) => `${room} is wiring only and must not name ${name}`),
  ];
};
