import type { GuardianEvent, TreasuryEvent } from "../../ports/settlement-events.ts";
import type { Moment, Page } from "./page.ts";

/** Money that comes, goes, and is put at stake. */
export function foldTreasury({ vault }: Page, event: TreasuryEvent): void {
  const { agent, token, amount } = event;
  switch (event.type) {
    case "Deposited":
      vault.total(token, { owed: amount });
      if (event.toStake) vault.bond(agent, token, amount);
      else vault.free(agent, token, amount);
      break;
    case "Withdrawn":
      vault.free(agent, token, -amount);
      vault.total(token, { owed: -amount });
      break;
    case "Staked":
      vault.free(agent, token, -amount);
      vault.bond(agent, token, amount);
      break;
    case "Unstaking":
      vault.bond(agent, token, -amount);
      vault.leave(agent, token, amount, event.leavesAt);
      break;
    case "Released":
      vault.leave(agent, token, -amount);
      vault.free(agent, token, amount);
      break;
  }
}

/** The guardian's word. Pausing anew begins a new pause. */
export function foldPause(page: Page, event: GuardianEvent, { timestamp }: Moment): void {
  page.pausedAt = event.type === "Paused" ? timestamp : 0;
}
