/** Whether a licence expression (SPDX, e.g. `(MIT OR Apache-2.0)`) can be met with the allowed licences alone. */
export function isAllowed(expression: string, allowed: ReadonlySet<string>): boolean {
  const words = expression.match(/[()]|[^()\s]+/g) ?? [];
  let at = 0;

  // AND binds stronger than OR.
  const either = (): boolean => {
    let result = both();
    while (words[at] === "OR") {
      at += 1;
      const right = both();
      result ||= right;
    }
    return result;
  };
  const both = (): boolean => {
    let result = single();
    while (words[at] === "AND") {
      at += 1;
      const right = single();
      result &&= right;
    }
    return result;
  };
  const single = (): boolean => {
    const word = words[at];
    at += 1;
    if (word !== "(") {
      if (words[at] !== "WITH") return word !== undefined && allowed.has(word);
      at += 2;
      return allowed.has(`${word} WITH ${words[at - 1]}`);
    }
    const result = either();
    if (words[at] !== ")") return false;
    at += 1;
    return result;
  };

  return either() && at === words.length;
}
