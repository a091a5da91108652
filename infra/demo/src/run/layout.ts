import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where everything of one run is; the folder is emptied at the start. */
export interface Layout {
  readonly root: string;
  readonly config: string;
  readonly inventory: string;
  readonly dataDir: string;
  readonly socket: string;
  readonly target: string;
  readonly programs: string;
  readonly documents: string;
  readonly keys: string;
  readonly logs: string;
  readonly published: string;
  readonly attempts: string;
  readonly failpoint: string;
  readonly audit: string;
}

export const layoutOf = (root: string): Layout => ({
  root,
  config: join(root, "rekey.yaml"),
  inventory: join(root, "inventory.yaml"),
  dataDir: join(root, "rekey"),
  socket: socketPath(root),
  target: join(root, "target"),
  programs: join(root, "programs"),
  documents: join(root, "documents"),
  keys: join(root, "keys"),
  logs: join(root, "logs"),
  published: join(root, "published"),
  attempts: join(root, "payments.ndjson"),
  failpoint: join(root, "failpoint"),
  audit: join(root, "audit.ndjson"),
});

/** The longest path of a Unix socket that both Linux and macOS take. */
const socketBytesMax = 103;

const socketPath = (root: string): string => {
  const beside = join(root, "rekey.sock");
  if (Buffer.byteLength(beside) <= socketBytesMax) return beside;
  return join(tmpdir(), `rekey-demo-${process.pid}.sock`);
};

/** A file of the repository, from its root. */
export const repositoryFile = (path: string): string =>
  fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
