import { laneOf, type CaseState, type RotationState } from "@rekey/domain";
import { laneOfCase } from "../commands/read-views.ts";
import type { CaseRow, RotationRow } from "../rows/rows.ts";
import { instant, plain, type TableSpec } from "./table-spec.ts";

type Stated<Row extends { readonly state: { readonly at: string } }> = Omit<Row, "state"> & {
  readonly state: string;
  readonly stateDetail: object;
  readonly lane: string;
};
type KeptRotation = Stated<RotationRow> & { readonly waitFor?: string };

const encodeRotation = (row: RotationRow): KeptRotation => {
  const { at, ...stateDetail } = row.state;
  const kept = { ...row, state: at, stateDetail, lane: laneOf(row) };
  return row.state.at === "waiting" ? { ...kept, waitFor: row.state.for } : kept;
};

const decodeRotation = (kept: KeptRotation): RotationRow => {
  const { state, stateDetail, lane: _lane, waitFor: _waitFor, ...row } = kept;
  return { ...row, state: { at: state, ...stateDetail } as RotationState };
};

const encodeCase = (row: CaseRow): Stated<CaseRow> => {
  const { at, ...stateDetail } = row.state;
  return { ...row, state: at, stateDetail, lane: laneOfCase(row) };
};

const decodeCase = (kept: Stated<CaseRow>): CaseRow => {
  const { state, stateDetail, lane: _lane, ...row } = kept;
  return { ...row, state: { at: state, ...stateDetail } as CaseState };
};

const holdColumns = { fence: plain, holdUntil: instant, holdBy: plain, holdOpen: plain } as const;

export const rotations: TableSpec<RotationRow, KeptRotation> = {
  table: "rekey.rotations",
  key: ["id"],
  write: "upsert",
  encode: encodeRotation,
  decode: decodeRotation,
  columns: {
    id: plain,
    credential: plain,
    number: plain,
    state: plain,
    stateDetail: plain,
    waitFor: plain,
    lane: plain,
    mode: plain,
    approved: plain,
    approvals: plain,
    wanted: plain,
    causes: plain,
    dying: plain,
    successor: plain,
    planVersion: plain,
    plan: plain,
    done: plain,
    open: plain,
    failures: plain,
    lastFault: plain,
    dueAt: instant,
    wakeAt: instant,
    startedAt: instant,
    announcedAt: instant,
    graceEndsAt: instant,
    waitsBegun: plain,
    cutOff: plain,
    moved: plain,
    unmoved: plain,
    claimsLost: plain,
    lastClaimLostAt: instant,
    undoing: plain,
    endedAt: instant,
  },
};

export const cases: TableSpec<CaseRow, Stated<CaseRow>> = {
  table: "rekey.cases",
  key: ["id"],
  write: "upsert",
  encode: encodeCase,
  decode: decodeCase,
  columns: {
    ...holdColumns,
    id: plain,
    kind: plain,
    about: plain,
    episode: plain,
    step: plain,
    state: plain,
    stateDetail: plain,
    lane: plain,
    mode: plain,
    cause: plain,
    producer: plain,
    requestedBy: plain,
    approvedBy: plain,
    identity: plain,
    service: plain,
    environment: plain,
    signals: plain,
    cursor: plain,
    wave: plain,
    failures: plain,
    lastFault: plain,
    dueAt: instant,
    wakeAt: instant,
    openedAt: instant,
    occurredAt: instant,
    closedAt: instant,
  },
};
