import { join } from "node:path";
import type { CredentialId, StoredVersion, VersionRef } from "@rekey/domain";
import { parseVersion, versionText } from "../version-text.ts";
import { listDirectory, makeDirectory, readFileOrNone, removeFile, replaceFile } from "./files.ts";
import { credentialDirectory, type DocumentPaths } from "./paths.ts";
import type { Sealer } from "./seal.ts";

const ownerOnlyFile = 0o600;
const ownerOnlyDirectory = 0o700;
const versionFile = /^([1-9][0-9]{0,9})\.([0-9]{1,15})\.age$/;

interface KeptVersion {
  readonly version: number;
  readonly rotationNumber: number;
}

/** The versions beside one document: `<credential>/<version>.<rotation number>.age`, sealed to Rekey alone. */
export interface Versions {
  list(credential: CredentialId): Promise<readonly KeptVersion[]>;
  read(ref: VersionRef): Promise<StoredVersion | undefined>;
  /** Only under the document's lock. */
  write(ref: VersionRef, stored: StoredVersion): Promise<void>;
  /** Only under the lock. The value goes, an empty marker stays so that a late `write` cannot bring it back. */
  destroy(ref: VersionRef): Promise<void>;
  isDestroyed(ref: VersionRef): Promise<boolean>;
}

export const openVersions = (paths: DocumentPaths, sealer: Sealer): Versions => {
  const directory = (credential: CredentialId): string => credentialDirectory(paths, credential);
  const list = async (credential: CredentialId): Promise<readonly KeptVersion[]> =>
    (await listDirectory(directory(credential))).flatMap(keptVersion);
  const pathOf = (ref: VersionRef, kept: KeptVersion): string =>
    join(directory(ref.credential), `${kept.version}.${kept.rotationNumber}.age`);
  const markerOf = (ref: VersionRef): string =>
    join(directory(ref.credential), `${ref.version}.destroyed`);
  const find = async (ref: VersionRef): Promise<string | undefined> => {
    const kept = (await list(ref.credential)).find(({ version }) => version === ref.version);
    return kept === undefined ? undefined : pathOf(ref, kept);
  };
  return {
    list,
    read: async (ref) => {
      const path = await find(ref);
      const bytes = path === undefined ? undefined : await readFileOrNone(path);
      return bytes === undefined ? undefined : parseVersion(await sealer.open(bytes), ref);
    },
    write: async (ref, stored) => {
      await makeDirectory(directory(ref.credential), ownerOnlyDirectory);
      const bytes = await sealer.seal(versionText(ref, stored), []);
      await replaceFile(pathOf(ref, stored), { bytes, mode: ownerOnlyFile });
    },
    destroy: async (ref) => {
      await makeDirectory(directory(ref.credential), ownerOnlyDirectory);
      await replaceFile(markerOf(ref), { bytes: new Uint8Array(), mode: ownerOnlyFile });
      const path = await find(ref);
      if (path !== undefined) await removeFile(path);
    },
    isDestroyed: async (ref) => (await readFileOrNone(markerOf(ref))) !== undefined,
  };
};

const keptVersion = (name: string): readonly KeptVersion[] => {
  const [, version, rotationNumber] = versionFile.exec(name) ?? [];
  if (version === undefined || rotationNumber === undefined) return [];
  return [{ version: Number(version), rotationNumber: Number(rotationNumber) }];
};
