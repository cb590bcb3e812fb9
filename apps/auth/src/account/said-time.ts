const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' });
const DAY = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' });

const STEPS: readonly (readonly [limit: number, unit: number, name: string])[] = [
  [3_600_000, 60_000, 'minute'],
  [86_400_000, 3_600_000, 'hour'],
  [7 * 86_400_000, 86_400_000, 'day'],
];

/** Where a person is can't be known without script, so UTC is named. */
export function fullTime(at: number): string {
  return `${FULL.format(at)} UTC`;
}

export function dayOf(at: number): string {
  return DAY.format(at);
}

/** How long ago by the database's clock; beyond a week the date says more. */
export function ago(at: number, now: number): string {
  const passed = Math.max(0, now - at);
  if (passed < 60_000) return 'just now';
  for (const [limit, unit, name] of STEPS) {
    if (passed >= limit) continue;
    const count = Math.floor(passed / unit);
    return `${count} ${name}${count === 1 ? '' : 's'} ago`;
  }
  return `on ${dayOf(at)}`;
}
