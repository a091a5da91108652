import { apiRoutes } from "@rekey/contracts";
import {
  credentialId,
  identityId,
  isAlive,
  isRefusal,
  refuse,
  toRfc3339,
  type CredentialView,
  type Refusal,
} from "@rekey/domain";
import type { GatewayParts } from "../options.ts";
import { publishSignals } from "../reports/publish.ts";
import { rotateSignal } from "../reports/rotate.ts";
import { nextOf, pageByName } from "../server/paging.ts";
import { modeOf, planFor } from "./plan.ts";
import type { Surface } from "./surface.ts";

const routes = apiRoutes.credentials;

/** What is declared, what a rotation would do, and the wish for one. */
export const credentialsSurface: Surface = (serve, parts) => {
  const { ledger } = parts;
  serve(routes.list, async ({ query }) => {
    const page = pageByName(query);
    if (isRefusal(page)) return page;
    const credentials = await ledger.credentials({
      ...page,
      ...(query.environment !== undefined && { environment: query.environment }),
      ...(query.identity !== undefined && { identity: identityId(query.identity) }),
    });
    return { credentials, ...nextOf(credentials, page.limit, (view) => view.credential.id) };
  });
  serve(routes.show, async ({ params }) => await shown(parts, params.credential));
  serve(routes.plan, async ({ params, query }) => {
    const view = await shown(parts, params.credential);
    if (isRefusal(view)) return view;
    const { modes } = await ledger.switches();
    const capabilities = parts.issuers.get(view.credential.issuer.instance)?.capabilities;
    const planned = planFor(view, capabilities, { ...query, now: parts.clock.now() });
    return { credential: view.credential.id, mode: modeOf(view, modes), ...planned };
  });
  wishes(serve, parts);
};

const wishes: Surface = (serve, parts) => {
  serve(
    routes.rotate,
    async ({ params, body, actor }) => {
      const view = await shown(parts, params.credential);
      if (isRefusal(view)) return view;
      const refusal = refusedAsEnded(view);
      if (refusal !== undefined) return refusal;
      const signal = rotateSignal(parts, { credential: view.credential.id, ...body, actor });
      return await publishSignals(parts, [signal]);
    },
    { recordsRejected: true },
  );
  serve(routes.acknowledgeForeign, async ({ params, body, actor }) => {
    const credential = credentialId(params.credential);
    const refusal = await parts.ledger.acknowledgeForeign({ credential, ...body, actor });
    if (isRefusal(refusal)) return refusal;
    parts.onWork();
    return { credential, principal: body.principal };
  });
};

/** What ended stays ended: a wish for it would only open a case with nothing to do. */
const refusedAsEnded = ({ credential, versions }: CredentialView): Refusal | undefined => {
  if (!credential.ended || versions.some(isAlive)) return undefined;
  const deaths = versions.flatMap(({ provenDeadAt }) => provenDeadAt ?? []);
  const when = deaths.length === 0 ? "has ended" : `ended at ${toRfc3339(Math.max(...deaths))}`;
  return refuse(
    "WRONG_STATE",
    `${credential.id} ${when}: nothing of it is left; next: declare a credential of another name`,
  );
};

const shown = async (
  { ledger }: GatewayParts,
  credential: string,
): Promise<CredentialView | Refusal> =>
  (await ledger.credential(credentialId(credential))) ??
  refuse("NOT_FOUND", `there is no credential ${credential}`);
