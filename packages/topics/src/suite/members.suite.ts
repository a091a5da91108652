import type { IncomingBatch } from "@rekey/domain";
import { expect, test, vi } from "vitest";
import {
  committedAllBut,
  freshName,
  gate,
  ignoreErrors,
  indexesOf,
  numbered,
  passes,
  range,
  soon,
  startReader,
  takeover,
  waitingHandler,
} from "./world.suite.ts";
import type { Open, World } from "./world.suite.ts";

interface Opening {
  readonly open: Open;
  readonly openSteady: Open;
}

export function membersShare({ open, openSteady }: Opening, world: World): void {
  test("two members of a group share the partitions, no partition runs twice at once, nothing is lost", async () => {
    const logs = [await openSteady(), await openSteady()];
    const topic = await world().newTopic(8);
    const group = freshName("group");
    const partitionsOf: [Set<number>, Set<number>] = [new Set(), new Set()];
    const running = new Set<number>();
    let doubled = 0;
    const seen: number[] = [];
    for (const [place, log] of logs.entries()) {
      await log.source.subscribe({
        topics: [topic],
        group,
        batchMax: 2,
        onBatch: async (batch) => {
          if (running.has(batch.partition)) doubled += 1;
          running.add(batch.partition);
          partitionsOf[place as 0 | 1].add(batch.partition);
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(...indexesOf(batch));
          running.delete(batch.partition);
        },
        onError: ignoreErrors,
      });
    }
    // Until both have joined one of them may have every partition: append until both were served.
    let appended = 0;
    await vi.waitFor(async () => {
      expect(new Set(seen).size).toBe(appended);
      const more = range(appended, appended + 100).map((index) => numbered(topic, index, 100));
      appended += 100;
      await logs[0]?.sink.append(more);
      expect(partitionsOf.every((partitions) => partitions.size >= 4)).toBe(true);
    }, takeover);
    await vi.waitFor(() => expect(new Set(seen).size).toBe(appended), soon);
    expect(doubled).toBe(0);
  });

  test("a member that stops hands its partitions over", async () => {
    const log = await open();
    const topic = await world().newTopic(4);
    const group = freshName("group");
    const first = await startReader(log, topic, { group, batchMax: 10 });
    await log.sink.append(range(0, 40).map((index) => numbered(topic, index, 40)));
    await vi.waitFor(() => expect(new Set(first.seen).size).toBe(40), soon);
    const second = await startReader(log, topic, { group, batchMax: 10 });
    await first.subscription.stop();
    await log.sink.append(range(40, 80).map((index) => numbered(topic, index, 40)));
    await vi.waitFor(() => {
      expect(new Set([...first.seen, ...second.seen]).size).toBe(80);
    }, soon);
  });
}

export function longHandlersKeepTheirPartition({ openSteady }: Opening, world: World): void {
  test("a handler that runs for several leases keeps its partition", async () => {
    const logs = [await openSteady(), await openSteady()] as const;
    const topic = await world().newTopic(1);
    const group = freshName("group");
    const { onBatch, started, seen, letGo } = waitingHandler();
    const request = { topics: [topic], group, batchMax: 10, onBatch, onError: ignoreErrors };
    const member = await logs[0].source.subscribe(request);
    await logs[1].source.subscribe(request);
    await logs[0].sink.append(range(0, 5).map((index) => numbered(topic, index)));
    await vi.waitFor(() => expect(started()).toBe(1), takeover);
    await passes(world().steadyLeaseMs * 2.2);
    await committedAllBut(5, member);
    expect(started()).toBe(1);
    letGo();
    await committedAllBut(0, member);
    expect(started()).toBe(1);
    expect(seen).toEqual(range(0, 5));
  });
}

export function deadMembersAreReplaced({ open }: Opening, world: World): void {
  test("the partitions of a killed member are taken over, and its unfinished batch comes again", async () => {
    const log = await open();
    const topic = await world().newTopic(2);
    const group = freshName("group");
    const member = await world().spawnMember({ topic, group, stuck: true });
    await log.sink.append(range(0, 40).map((index) => numbered(topic, index, 20)));
    await vi.waitFor(() => expect(member.started().length).toBeGreaterThan(0), takeover);
    await member.kill();
    const { seen } = await startReader(log, topic, { group, batchMax: 10 });
    await vi.waitFor(() => expect(new Set(seen)).toEqual(new Set(range(0, 40))), takeover);
  });
}

export function zombiesCannotCommit({ open }: Opening, world: World): void {
  test("a zombie, paused past its lease, cannot commit what another took over", async () => {
    const log = await open();
    const topic = await world().newTopic(1);
    const group = freshName("group");
    const zombie = await world().spawnMember({ topic, group, stuck: true });
    await log.sink.append(range(0, 10).map((index) => numbered(topic, index)));
    await vi.waitFor(() => expect(zombie.started()).toHaveLength(1), takeover);
    zombie.pause();
    const hold = gate();
    const batches: IncomingBatch[] = [];
    const heir = await log.source.subscribe({
      topics: [topic],
      group,
      batchMax: 10,
      onBatch: async (batch) => {
        batches.push(batch);
        await hold.opened;
        if (batches.length === 1) throw new Error("not now");
      },
      onError: ignoreErrors,
    });
    await vi.waitFor(() => expect(batches).toHaveLength(1), takeover);
    expect(batches[0]?.records[0]?.offset).toBe(0n);
    zombie.resume();
    zombie.release();
    // Its handler resolved and it tried to commit: the offset stays.
    await vi.waitFor(() => expect(zombie.finished()).toBe(1), takeover);
    await vi.waitFor(async () => expect((await heir.health()).lag).toBe(10), soon);
    hold.open();
    // The batch comes again to whoever holds the partition by now: the zombie may be a member again.
    const again = (): number => batches.length + zombie.started().length - 2;
    await vi.waitFor(() => expect(again()).toBeGreaterThanOrEqual(1), takeover);
    expect((batches[1]?.records[0] ?? zombie.started()[1])?.offset).toBe(0n);
    await vi.waitFor(async () => {
      zombie.release();
      expect((await heir.health()).lag).toBe(0);
    }, takeover);
    await zombie.kill();
  });
}

export function cutMembersComeBack({ open }: Opening, world: World): void {
  test("a member whose network is cut loses its partitions and comes back when it heals", async () => {
    const [far, near] = [await world().openThroughNetwork(), await open()];
    const topic = await world().newTopic(4);
    const group = freshName("group");
    const farReader = await startReader(far, topic, { group, batchMax: 10 });
    await near.sink.append(range(0, 40).map((index) => numbered(topic, index, 40)));
    await vi.waitFor(() => expect(new Set(farReader.seen).size).toBe(40), takeover);
    far.cut();
    const nearReader = await startReader(near, topic, { group, batchMax: 10 });
    await near.sink.append(range(40, 80).map((index) => numbered(topic, index, 40)));
    // What the cut member had handled and not yet committed comes once more, so only the new ones are counted.
    const news = (): Set<number> => new Set(nearReader.seen.filter((index) => index >= 40));
    await vi.waitFor(() => expect(news().size).toBe(40), takeover);
    await vi.waitFor(async () => {
      expect((await farReader.subscription.health()).sinceLastPollMs).toBeGreaterThan(1_000);
    }, takeover);
    far.heal();
    let appended = 80;
    const allSeen = (): void =>
      expect(new Set([...farReader.seen, ...nearReader.seen]).size).toBe(appended);
    await vi.waitFor(async () => {
      allSeen();
      const more = range(appended, appended + 40).map((index) => numbered(topic, index, 40));
      appended += 40;
      await near.sink.append(more);
      expect(Math.max(...farReader.seen)).toBeGreaterThanOrEqual(80);
    }, takeover);
    await vi.waitFor(allSeen, takeover);
    await far.close();
  });
}
