import type { Announcement, CredentialId } from "@rekey/domain";

/** What announcements said about one credential. */
export interface Sequences {
  /** True for news: another credential's, a lower and an equal sequence are not. */
  isNews(announcement: Announcement): boolean;
  /** The sequence that announced this version, when it is the newest one heard. */
  of(version: number): number | undefined;
}

export const createSequences = (credential: CredentialId): Sequences => {
  let newest: Announcement | undefined;
  return {
    isNews: (announcement) => {
      if (announcement.credential !== credential) return false;
      if (newest !== undefined && announcement.sequence <= newest.sequence) return false;
      newest = announcement;
      return true;
    },
    of: (version) => (newest?.version === version ? newest.sequence : undefined),
  };
};
