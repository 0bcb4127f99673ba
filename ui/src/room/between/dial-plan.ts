/**
 * Where a seat looks for the room: at its host, which an app's node finds wherever it is, or through an app that has a data channel
 * to it. Pure.
 *
 * A host that is lost is dialled once; then apps, one after the other, and the host again from time to time, which may only have
 * been restarted. An app that says that its seat has moved is asked first, once.
 */

export type Way = { to: 'host' } | { to: 'app'; id: string };

export interface DialPlan {
  /** Tries since the last connection. */
  readonly tries: number;
  /** The app that was asked last; the next one is the one after it. */
  readonly lastApp: string | null;
  /** By which way the last connection came about. */
  readonly by: 'host' | 'app';
  /** An app that knows a living host, and until when that is news. */
  readonly hint: { readonly id: string; readonly until: number } | null;
}

export const NEW_PLAN: DialPlan = { tries: 0, lastApp: null, by: 'host', hint: null };

/** Every so many tries the host itself is dialled: four seconds each if its machine is gone. */
const HOST_EVERY = 4;
/** How long an app's word that it has moved counts: giving the old connection up takes one second. */
const HINT_MS = 10_000;

/** @param apps who could pass frames on now, in the order of the roster */
export function nextWay(plan: DialPlan, apps: readonly string[], now: number): { way: Way; plan: DialPlan } {
  const tries = plan.tries + 1;
  const { hint } = plan;
  if (hint !== null && hint.until > now && apps.includes(hint.id)) {
    return { way: { to: 'app', id: hint.id }, plan: { ...plan, tries, lastApp: hint.id, hint: null } };
  }
  // Whoever was connected through an app begins there: the host of before is gone.
  const host = plan.by === 'host' ? tries % HOST_EVERY === 1 : tries % HOST_EVERY === 0;
  const id = after(plan.lastApp, apps);
  if (host || id === undefined) return { way: { to: 'host' }, plan: { ...plan, tries } };
  return { way: { to: 'app', id }, plan: { ...plan, tries, lastApp: id } };
}

/** That way led to the room. */
export function connected(plan: DialPlan, way: Way): DialPlan {
  return { ...plan, tries: 0, by: way.to };
}

/** An app says that its seat is at another host now. */
export function hinted(plan: DialPlan, id: string, now: number): DialPlan {
  return { ...plan, hint: { id, until: now + HINT_MS } };
}

/** The next one in the order, the first after the last. */
function after(last: string | null, apps: readonly string[]): string | undefined {
  const at = last === null ? -1 : apps.indexOf(last);
  return apps[(at + 1) % Math.max(apps.length, 1)];
}
