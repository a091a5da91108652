import { openApi, type Api } from "../processes/api.fixture.ts";

/** One gateway behind several sockets, as a client sees it that asks the next replica when one does not answer. */
export const openReplicatedApi = (sockets: readonly string[]): Api => {
  const apis = sockets.map((socket) => openApi(socket));
  const first = async <Answer>(ask: (api: Api) => Promise<Answer>): Promise<Answer> => {
    let failure: unknown;
    for (const api of apis) {
      try {
        return await ask(api);
      } catch (error) {
        if (!isAway(error)) throw error;
        failure = error;
      }
    }
    throw failure;
  };
  return {
    ask: async (route, asked) => await first(async (api) => await api.ask(route, asked)),
    send: async (method, path, body) =>
      await first(async (api) => await api.send(method, path, body)),
  };
};

const away: ReadonlySet<unknown> = new Set(["ENOENT", "ECONNREFUSED", "ECONNRESET", "EPIPE"]);

/** No replica answered: nothing is said about the request. */
export const isAway = (error: unknown): boolean =>
  away.has((error as { readonly code?: unknown }).code);
