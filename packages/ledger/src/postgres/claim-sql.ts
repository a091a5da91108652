import { holdMs } from "@rekey/domain";

/** States that a rotation never leaves, as the partial indexes of the migrations name them. */
export const rotationActive = "state not in ('completed', 'undone', 'withdrawn', 'would-have')";

const holdFor = `interval '${holdMs} milliseconds'`;

// The hold that is found open was never given back: its worker died, or will find itself fenced off.
const take = `fence = c.fence + 1, hold_until = now() + ${holdFor}, hold_by = $2,
  hold_lost = c.hold_open, hold_open = true`;

/** Takes the credential of a rotation that is due; what another worker lost is counted on the rotation. */
export const claimRotationText = `
  with claimed as (
    update rekey.credentials c set ${take}
      from rekey.rotations r
      where r.id = $1 and c.id = r.credential and c.hold_until < now()
        and r.${rotationActive} and least(r.due_at, r.wake_at) <= now()
      returning c.id, c.fence, c.hold_lost
  ), lost as (
    update rekey.rotations r
      set claims_lost = r.claims_lost + 1, last_claim_lost_at = date_trunc('milliseconds', now())
      from claimed where claimed.hold_lost and r.id = $1
  )
  select id as row, fence from claimed`;

export const claimWatchText = `
  update rekey.credentials c set ${take}
    from rekey.watches w
    where w.id = $1 and c.id = w.credential and c.hold_until < now()
      and w.state = 'watching' and w.due_at <= now()
    returning c.id as row, c.fence`;

export const claimCaseText = `
  update rekey.cases c
    set fence = c.fence + 1, hold_until = now() + ${holdFor}, hold_by = $2, hold_open = true
    where c.id = $1 and c.hold_until < now()
      and c.state <> 'closed' and least(c.due_at, c.wake_at) <= now()
    returning c.id as row, c.fence`;

const renewed = `set hold_until = now() + ${holdFor} where id = $1 and fence = $2 and hold_open returning 1`;
export const renewCredentialText = `update rekey.credentials ${renewed}`;
export const renewCaseText = `update rekey.cases ${renewed}`;

const givenBack = `set hold_until = 'epoch', hold_by = null, hold_open = false
  where id = $1 and fence = $2 and hold_open`;
export const releaseCredentialText = `update rekey.credentials ${givenBack}`;
export const releaseCaseText = `update rekey.cases ${givenBack}`;

/** Where this process is the only one: whoever held anything is dead. */
export const endForeignHoldsText = `
  with owned as (
    update rekey.credentials
      set fence = fence + 1, hold_until = 'epoch', hold_by = null, hold_open = false
      where hold_open and hold_by is distinct from $1
      returning id
  ), lost as (
    update rekey.rotations r
      set claims_lost = r.claims_lost + 1, last_claim_lost_at = date_trunc('milliseconds', now())
      from owned where r.credential = owned.id and r.${rotationActive}
  ), subjects as (
    update rekey.cases
      set fence = fence + 1, hold_until = 'epoch', hold_by = null, hold_open = false
      where hold_open and hold_by is distinct from $1
      returning id
  ), shards as (
    update rekey.outbox_shards set hold_until = 'epoch' where hold_by is distinct from $1
  )
  select (select count(*) from owned) + (select count(*) from subjects) as ended`;
