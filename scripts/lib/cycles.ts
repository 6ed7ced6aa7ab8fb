/** The cycles of a directed graph, each once, as the names along it; empty if there is none. */
export function findCycles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const path: string[] = [];

  const visit = (name: string): void => {
    const seenAt = path.indexOf(name);
    if (seenAt >= 0) cycles.push(path.slice(seenAt));
    if (seenAt >= 0 || done.has(name)) return;
    path.push(name);
    for (const next of graph.get(name) ?? []) visit(next);
    path.pop();
    done.add(name);
  };

  for (const name of graph.keys()) visit(name);
  return cycles;
}
