/** What can be done for a deal: on the chain, or by the systems on either side. */
export const TASKS = [
  "clear",
  "commit",
  "declare",
  "cure",
  "penalise",
  "produce",
  "deliver",
  "inspect",
  "accept",
  "dispute",
  "answer",
  "refer",
  "execute",
  "lapse",
  "claim",
  "collect",
  "close",
  "refund",
  "release",
  "rate",
] as const;

export type Task = (typeof TASKS)[number];

/** Tasks that are transactions. */
export type Act = Exclude<Task, "clear" | "produce" | "inspect" | "release" | "rate">;
