// Written by `npm run train`: what the strategy "learned" has learned.
import type { Policy } from "./policy.ts";

export const LEARNED: Policy = {
  times: [4.9399, 3.7666, 3.2625, 2.1348, 0.7394, -0.4618],
  best: 2.2402,
  moved: 0.7471,
  recent: 0.9353,
  lastWord: -0.4261,
  budget: 0.3452,
  fair: -1.0595,
  band: 0.0554,
  lenience: 0,
};
