/**
 * How long to wait before the `attempt`th try to connect again, from 0 on: doubling from `first` to `last`, and
 * somewhere in the upper half of that, so that the peers of a restarted agent don't all come back at once.
 */
export function retryDelay(attempt: number, first: number, last: number, chance: number): number {
  const whole = Math.min(last, first * 2 ** Math.min(attempt, 30));
  return (whole * (1 + chance)) / 2;
}
