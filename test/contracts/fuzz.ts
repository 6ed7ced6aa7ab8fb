/** How many runs a random test makes: as many as it normally does, or what PARLEY_FUZZ_RUNS says (5,000 to go deep). */
export function fuzzRuns(normal: number): number {
  const wanted = Number(process.env["PARLEY_FUZZ_RUNS"] ?? normal);
  if (!Number.isSafeInteger(wanted) || wanted < 1) throw new Error("PARLEY_FUZZ_RUNS has to be a whole number above 0");
  return wanted;
}
