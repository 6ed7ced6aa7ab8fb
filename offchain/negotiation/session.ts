import { Course } from "./course.ts";
import type { LiveSetting, Result, Setting } from "./setting.ts";
import type { LiveBargainer } from "./strategy.ts";

/** Lets strategies negotiate until they agree, or it ends otherwise. Nothing that one of them does harms another. */
export function negotiate(setting: Setting): Result {
  const course = new Course(setting);
  for (let turn = course.turn(); turn !== null; turn = course.turn()) {
    let said: unknown;
    try {
      said = turn.bargainer.speak(turn.moment);
    } catch (thrown) {
      course.fail(turn.me, thrown);
      break;
    }
    course.take(turn, said);
  }
  return resultOf(course);
}

/**
 * The same where a strategy may take its time. With a `clock` a word that comes after the deadline doesn't count; who never answers at
 * all keeps the others waiting, so whoever asks somebody over a network has to give up in time itself.
 */
export async function negotiateLive(setting: LiveSetting): Promise<Result> {
  const course = new Course(setting);
  for (let turn = course.turn(); turn !== null; turn = course.turn()) {
    let said: unknown;
    try {
      said = await turn.bargainer.speak(turn.moment);
    } catch (thrown) {
      course.fail(turn.me, thrown);
      break;
    }
    course.take(turn, said);
  }
  return resultOf(course);
}

function resultOf<Speaker extends LiveBargainer>({ result }: Course<Speaker>): Result {
  if (result === null) throw new Error("a negotiation is over, and has no result");
  return result;
}
