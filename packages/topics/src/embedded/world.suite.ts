import type { ChildProcess } from "node:child_process";
import { createPool, fixedSource, silentLog, systemClock } from "@rekey/runtime";
import { dedicatedServer, startTcpProxy } from "@rekey/testkit";
import type { DedicatedServer, TcpProxy } from "@rekey/testkit";
import type { Pool } from "pg";
import { expect, vi } from "vitest";
import { outsideMember, spawnProgram } from "../suite/outside-member.suite.ts";
import type { BrokenNetwork, OpenLog, TopicsWorld } from "../suite/world.suite.ts";
import type { TopicDeclaration } from "./declare.ts";
import { migrateEmbeddedTopics } from "./migrate.ts";
import { openEmbeddedTopics } from "./open.ts";

const shortPace = { leaseMs: 1_500, beatMs: 300, redeliverMs: 50, redeliverMaxMs: 400 };
const steadyPace = { ...shortPace, leaseMs: 5_000, beatMs: 500 };

export interface EmbeddedWorld extends TopicsWorld {
  readonly server: DedicatedServer;
  readonly admin: Pool;
  /** Every topic that was made so far. */
  declared(): readonly TopicDeclaration[];
}

// Topics are declared when a log is opened, tests name them later: so all are made before.
const sizes = [1, 2, 3, 4, 8, 12];
const topicsPerSize = 8;
const declarations = sizes.flatMap((partitions) =>
  Array.from({ length: topicsPerSize }, (_, place) => ({
    name: `topic-of-${partitions}-${place}`,
    partitions,
  })),
);

/** A server of its own, as it is killed on the way. */
export async function embeddedWorld(): Promise<EmbeddedWorld> {
  const server = await dedicatedServer();
  const address = fixedSource(server.url());
  await migrateEmbeddedTopics({ connection: address, log: silentLog });
  const admin = await createPool({ address, log: silentLog, applicationName: "admin", max: 1 });
  const unused = [...declarations];
  const children: ChildProcess[] = [];
  const proxies: TcpProxy[] = [];
  return {
    steadyLeaseMs: steadyPace.leaseMs,
    server,
    admin,
    declared: () => declarations,
    newTopic: async (partitions) => {
      const place = unused.findIndex((topic) => topic.partitions === partitions);
      const [topic] = place < 0 ? [] : unused.splice(place, 1);
      if (topic === undefined)
        throw new Error("no topic of that size is left: raise topicsPerSize");
      return topic.name;
    },
    open: () => openAt(server.url()),
    openSteady: () => openAt(server.url(), steadyPace),
    openThroughNetwork: async () => {
      const proxy = await startTcpProxy(server.connection);
      proxies.push(proxy);
      return await openThrough(proxy, server.url());
    },
    spawnMember: async (member) => {
      const partitions = declarations.find((topic) => topic.name === member.topic)?.partitions;
      const argument = { ...member, partitions, url: server.url(), pace: shortPace };
      const child = spawnProgram(new URL("member.fixture.ts", import.meta.url), argument);
      children.push(child);
      return await outsideMember(child);
    },
    goDown: async () => {
      const backends = await backendsOf(admin);
      await server.kill();
      // Each of them ends when it notices, and may answer once more until then.
      await vi.waitFor(() => expect(backends.filter(isRunning)).toEqual([]), { timeout: 20_000 });
    },
    comeBack: () => server.restart(),
    connections: () => otherConnections(admin),
    end: async () => {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await admin.end();
      await server.dispose();
    },
  };
}

const openAt = (url: string, pace = shortPace): Promise<OpenLog> =>
  openEmbeddedTopics({
    connection: fixedSource(url),
    log: silentLog,
    clock: systemClock,
    topics: declarations,
    pace,
  });

async function openThrough(proxy: TcpProxy, url: string): Promise<OpenLog & BrokenNetwork> {
  const log = await openAt(proxy.through(url));
  return {
    ...log,
    cut: () => proxy.set({ kind: "black-hole" }),
    loseAnswers: () => proxy.set({ kind: "cut", afterBytes: 0, to: "client" }),
    heal: () => {
      proxy.reset();
      proxy.set({ kind: "none" });
    },
  };
}

async function backendsOf(admin: Pool): Promise<readonly number[]> {
  const found = await admin.query<{ pid: number }>(
    "select pid from pg_stat_activity where backend_type = 'client backend'",
  );
  return found.rows.map(({ pid }) => pid);
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

async function otherConnections(admin: Pool): Promise<number> {
  const counted = await admin.query<{ count: number }>(
    `select count(*) from pg_stat_activity
     where datname = current_database() and backend_type = 'client backend'
       and pid <> pg_backend_pid()`,
  );
  return counted.rows[0]?.count ?? -1;
}
