import { SystemClock } from "./clock.ts";

/**
 * A clock that nobody sets: it begins at the machine's time and then only counts. For spans such as those of leases, which must
 * not end early or late because somebody corrected the time. While the machine is suspended it may stand still.
 */
export class SteadyClock extends SystemClock {
  constructor() {
    super(() => performance.timeOrigin + performance.now());
  }
}
