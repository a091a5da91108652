import { toRfc3339, type CaseEvent, type Detail, type RotationEvent } from "@rekey/domain";

/** What an audit event says of a rotation's event: plain data, no value that could be a secret. */
export const detailOf = (event: RotationEvent): Detail => {
  switch (event.type) {
    case "rotation.planned":
      return { plan: event.plan.map((step) => step.key) };
    case "rotation.step-intended":
      return { step: event.key, attempt: event.attempt };
    case "rotation.step-confirmed":
      return { step: event.key };
    case "rotation.step-failed":
      return {
        step: event.key,
        code: event.code,
        dueAt: toRfc3339(event.dueAt),
        outcomeKnown: event.settled,
      };
    case "rotation.waiting":
      return { for: event.for, until: toRfc3339(event.until) };
    case "rotation.halted":
      return { code: event.halt.code, nextSafeAction: event.halt.nextSafeAction };
    case "rotation.escalated":
      return {
        cause: event.cause.kind,
        case: event.cause.case,
        dying: [...event.joined.dying],
        wanted: event.joined.wanted,
      };
    case "rotation.announced":
      return { graceEndsAt: toRfc3339(event.graceEndsAt) };
    case "rotation.drained":
      return { moved: [...event.moved], unmoved: [...event.unmoved] };
    case "rotation.resumed":
      return { cutOff: event.cutOff };
    default:
      return {};
  }
};

export const caseDetailOf = (event: CaseEvent): Detail => {
  switch (event.type) {
    case "case.advanced":
      return { step: event.to };
    case "case.wave-started":
      return { wave: event.wave };
    case "case.waiting":
      return { for: event.for, until: toRfc3339(event.until) };
    case "case.failed":
      return { code: event.code, dueAt: toRfc3339(event.dueAt) };
    case "case.halted":
      return { code: event.halt.code, nextSafeAction: event.halt.nextSafeAction };
    case "case.approved":
      return { by: event.by };
    case "case.closed":
      return { outcome: event.outcome };
    default:
      return {};
  }
};
