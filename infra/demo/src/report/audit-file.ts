import { createWriteStream } from "node:fs";
import { finished } from "node:stream/promises";
import { apiRoutes, auditEventView, encodeReply } from "@rekey/contracts";
import type { GatewayApi } from "../run/gateway-api.ts";

const pagesMax = 1_000;
const pageSize = "200";

interface AuditFileOptions {
  readonly api: GatewayApi;
  readonly path: string;
  readonly signal: AbortSignal;
}

/** Writes the whole audit log, one JSON object a line, oldest first. Answers how many events it holds. */
export const writeAuditFile = async (options: AuditFileOptions): Promise<number> => {
  const { api, path, signal } = options;
  const file = createWriteStream(path);
  let after: string | undefined;
  let count = 0;
  for (let page = 0; page < pagesMax; page += 1) {
    const query = { limit: pageSize, ...(after !== undefined && { after }) };
    const { events, next } = await api.call(apiRoutes.audit.tail, { query, signal });
    if (events.length === 0) break;
    for (const event of events)
      file.write(`${JSON.stringify(encodeReply(auditEventView, event))}\n`);
    count += events.length;
    after = next;
  }
  file.end();
  await finished(file);
  return count;
};
