import type { Tree } from "./tree.ts";

/** A room in which every folder is one provider. */
export type ProviderRoom = {
  readonly room: "issuers" | "stores" | "producers";
  /** The file that makes a folder a provider. */
  readonly entry: string;
  /** What its README has to say: one heading for each. */
  readonly readme: readonly RegExp[];
};

const vendorPages = [/option/i, /privilege/i, /fail|wrong/i, /cannot|does not|limits/i];

export const providerRooms: readonly ProviderRoom[] = [
  { room: "issuers", entry: "issuer", readme: vendorPages },
  { room: "stores", entry: "store", readme: vendorPages },
  { room: "producers", entry: "producer", readme: [] },
];

// The contract suite that every provider of the room passes.
const shared = new Set(["suite"]);

const sourceOf = (room: string): string => `packages/${room}/src/`;

const foldersOf = (tree: Tree, room: string): readonly string[] => {
  const source = sourceOf(room);
  const inside = tree.paths.filter((path) => path.startsWith(source));
  const folders = inside.map((path) => path.slice(source.length).split("/"));
  const named = folders.filter((parts) => parts.length > 1).map(([folder = ""]) => folder);
  return [...new Set(named)].filter((folder) => !shared.has(folder));
};

/** Folders without a line in the catalog, and lines without a folder. */
export const catalogFindings = (
  tree: Tree,
  room: string,
  catalog: readonly string[],
): readonly string[] => {
  const folders = foldersOf(tree, room);
  return [
    ...folders
      .filter((folder) => !catalog.includes(folder))
      .map((folder) => `${folder} has no line in packages/${room}/src/catalog.ts`),
    ...catalog
      .filter((name) => !folders.includes(name))
      .map((name) => `packages/${room}/src/catalog.ts names ${name}, which has no folder`),
  ];
};

/** What a provider's folder lacks, and who reaches into it. */
export const folderFindings = (tree: Tree, provider: ProviderRoom): readonly string[] =>
  foldersOf(tree, provider.room).flatMap((folder) => {
    const path = `${sourceOf(provider.room)}${folder}/`;
    return [
      ...missingFiles(tree, path, provider.entry),
      ...readmeFindings(tree, `${path}README.md`, provider.readme),
      ...reachingIn(tree, provider.room, folder),
    ];
  });

const missingFiles = (tree: Tree, folder: string, entry: string): string[] => {
  const has = (file: string): boolean => tree.paths.includes(folder + file);
  const wanted = [`${entry}.ts`, "README.md", ...(has("client.ts") ? ["client.fake.ts"] : [])];
  const isTested = has(`${entry}.test.ts`) || has(`${entry}.integration.test.ts`);
  return [...wanted.filter((file) => !has(file)), ...(isTested ? [] : [`${entry}.test.ts`])].map(
    (file) => `${folder} has no ${file}`,
  );
};

const readmeFindings = (tree: Tree, path: string, subjects: readonly RegExp[]): string[] => {
  if (!tree.paths.includes(path)) return [];
  const headings = tree
    .read(path)
    .split("\n")
    .filter((line) => line.startsWith("## "));
  return subjects
    .filter((subject) => !headings.some((heading) => subject.test(heading)))
    .map((subject) => `${path} has no heading with ${subject.source}`);
};

const importPath = /(?:from|import)\s*\(?\s*"(\.[^"]+)"/g;

// A provider stays one folder: only the catalog and the index know what is in it.
const reachingIn = (tree: Tree, room: string, folder: string): string[] => {
  const source = sourceOf(room);
  const may = [`${source}catalog.ts`, `${source}index.ts`];
  return tree.paths
    .filter((path) => path.startsWith(source) && path.endsWith(".ts"))
    .filter((path) => !path.startsWith(`${source}${folder}/`) && !may.includes(path))
    .filter((path) =>
      [...tree.read(path).matchAll(importPath)].some(([, target = ""]) =>
        new URL(target, `file:///${path}`).pathname.startsWith(`/${source}${folder}/`),
      ),
    )
    .map((path) => `${path} reaches into ${folder}`);
};
