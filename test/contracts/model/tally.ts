// How often each operation succeeded and each error was met, over all runs.

export class Tally {
  readonly succeeded = new Map<string, number>();
  readonly errors = new Map<string, number>();
  readonly tried = new Map<string, number>();
  previewed = 0;
  steps = 0;
  runs = 0;

  count(operation: string, error: string | undefined): void {
    this.steps += 1;
    raise(this.tried, operation);
    if (error === undefined) raise(this.succeeded, operation);
    else raise(this.errors, error || "(no data)");
  }

  /** Lines for whoever runs the tests. */
  report(): string {
    const operations = sorted(this.tried).map(([name, tried]) => `${name} ${this.succeeded.get(name) ?? 0}/${tried}`);
    const errors = sorted(this.errors).map(([name, count]) => `${name} ${count}`);
    return [
      `${this.runs} runs, ${this.steps} steps, ${this.previewed} previews`,
      `succeeded/tried: ${operations.join(", ")}`,
      `errors: ${errors.join(", ")}`,
    ].join("\n");
  }
}

function raise(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): [string, number][] {
  return [...counts].sort(([a], [b]) => a.localeCompare(b));
}
