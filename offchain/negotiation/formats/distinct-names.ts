/** The same, with a number behind each name that another one before it has: profiles of one domain often share a name, parties don't. */
export function withDistinctNames<Named extends { readonly name: string }>(all: readonly Named[]): Named[] {
  const taken = new Set<string>();
  return all.map((one, index) => {
    let { name } = one;
    for (let number = index + 1; taken.has(name); number++) name = `${one.name} (${number})`;
    taken.add(name);
    return name === one.name ? one : { ...one, name };
  });
}
