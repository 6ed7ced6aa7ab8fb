import { ParleyError } from "../kernel/errors.ts";
import type { Protocol } from "../negotiation/protocols/protocol.ts";
import { PROTOCOLS, protocolNamed } from "../negotiation/protocols/registry.ts";
import { STRATEGIES, strategyNamed } from "../negotiation/strategies/registry.ts";
import type { Strategy } from "../negotiation/strategy.ts";

/** The protocol that a flag names, for so many parties; the usual one for as many if it names none. */
export function protocolFor(text: string | undefined, parties: number): Protocol {
  const name = text ?? (parties === 2 ? "alternating-offers" : "stacked-alternating-offers");
  checkKnown("BadProtocol", "protocol", name, PROTOCOLS);
  const protocol = protocolNamed(name);
  const [least, most] = protocol.parties;
  if (parties < least || parties > most) {
    const fit = namesOf(({ parties: [least, most] }) => parties >= least && parties <= most);
    throw new ParleyError("BadProtocol", `--protocol: ${protocol.name} is not for ${parties} parties`, {
      hint: `For ${parties} there is ${fit}.`,
      facts: { field: "protocol" },
    });
  }
  return protocol;
}

/** The strategy that a flag names, if it can sit at the table at all. */
export function strategyFor(flag: string, text: string, protocol: Protocol): Strategy {
  const [name = ""] = text.split(":", 1);
  checkKnown("BadStrategy", flag, name, STRATEGIES);
  const strategy = told(flag, text);
  if (STRATEGIES[name]?.open === true && !protocol.open) {
    throw new ParleyError(
      "BadStrategy",
      `--${flag}: ${name} has to know what the other wants, and under ${protocol.name} it does not`,
      { hint: `Let it negotiate under --protocol ${namesOf(({ open }) => open)}.`, facts: { field: flag } },
    );
  }
  return strategy;
}

function checkKnown(code: string, flag: string, name: string, all: Readonly<Record<string, unknown>>): void {
  if (Object.hasOwn(all, name)) return;
  throw new ParleyError(code, `--${flag}: there is nothing named '${name}'`, {
    hint: `There is ${Object.keys(all).join(", ")}.`,
    facts: { field: flag },
  });
}

/** What is wrong with a parameter is told with the flag it stands in. */
function told(flag: string, text: string): Strategy {
  try {
    return strategyNamed(text);
  } catch (thrown) {
    if (!(thrown instanceof ParleyError)) throw thrown;
    throw new ParleyError(thrown.code, `--${flag}: ${thrown.message}`, {
      hint: "see: parley negotiate --help",
      facts: thrown.facts,
    });
  }
}

function namesOf(fits: (protocol: Protocol) => boolean): string {
  return Object.values(PROTOCOLS)
    .filter(({ protocol }) => fits(protocol))
    .map(({ protocol }) => protocol.name)
    .join(" or ");
}
