import { randomUUID } from "node:crypto";
import type { Material } from "@rekey/domain";
import { Secret } from "@rekey/secret";

const nobody = "rekey-nobody-";

/**
 * A login of a role that nobody has. Of a role that lives it would be one refusal more towards a lock, and the control
 * role is everybody's control. That a role which is let in refuses a wrong secret id is what the dead one shows: its
 * role id is the successor's. Vault refuses both in the same words, and counts only roles that are there.
 */
export const bogusLogin = ({ fields }: Material): Material => ({
  fields: { ...fields, role_id: `${nobody}${randomUUID()}` },
  secret: Secret.fromUtf8(randomUUID()),
});

/** True for the role id of such a login: its refusals come near no lock. */
export const isNobody = (roleId: string): boolean => roleId.startsWith(nobody);
