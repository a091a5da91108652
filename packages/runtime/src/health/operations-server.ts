import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "../metrics/metrics.ts";
import type { Health } from "./health.ts";

export type OperationsServer = { readonly port: number; close(): Promise<void> };

const requestMs = 5_000;
const connectionsMax = 32;

/** `/live`, `/ready` and `/metrics` for a process kind that has no HTTP of its own. */
export async function startOperationsServer(options: {
  readonly host: string;
  readonly port: number;
  readonly health: Health;
  readonly metrics: Metrics;
}): Promise<OperationsServer> {
  const { health, metrics } = options;
  const routes: Record<string, () => Promise<{ status: number; type: string; body: string }>> = {
    "/live": () => healthAnswer(health, "live"),
    "/ready": () => healthAnswer(health, "ready"),
    "/metrics": async () => ({
      status: 200,
      type: metrics.contentType,
      body: await metrics.text(),
    }),
  };
  const server = createServer({ requestTimeout: requestMs }, (request, response) => {
    const answer = request.method === "GET" ? routes[request.url ?? ""] : undefined;
    if (answer === undefined) return void response.writeHead(404).end();
    answer().then(
      ({ status, type, body }) => response.writeHead(status, { "content-type": type }).end(body),
      () => response.writeHead(500).end(),
    );
  });
  server.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function healthAnswer(health: Health, kind: "live" | "ready") {
  const report = await health.report(kind);
  return {
    status: report.ok ? 200 : 503,
    type: "application/json",
    body: JSON.stringify(report),
  };
}
