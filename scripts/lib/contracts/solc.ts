import solc from "solc";

/** The compiler's standard JSON, as far as it is used here. */
export interface Input {
  readonly language: string;
  readonly sources: Readonly<Record<string, { readonly content: string }>>;
  readonly settings: Settings;
}

export interface Settings {
  readonly viaIR?: boolean;
  readonly evmVersion?: string;
  readonly optimizer?: { readonly enabled?: boolean; readonly runs?: number };
  readonly remappings?: readonly string[];
  readonly outputSelection?: unknown;
}

interface Code {
  readonly object: string;
  readonly linkReferences: Readonly<Record<string, unknown>>;
  readonly immutableReferences?: unknown;
}

/** What was made of one contract. */
export interface Compiled {
  readonly evm: { readonly bytecode: Code; readonly deployedBytecode: Code };
}

/** A node of the syntax tree. What else it has depends on its type: see `child`, `children` and `word`. */
export interface Node {
  readonly nodeType: string;
  /** `start:length:file`, in bytes. */
  readonly src: string;
  readonly id?: number;
}

export interface CompileError {
  readonly message: string;
  /** The source it is in, and the byte; empty and 0 if it is nowhere. */
  readonly source: string;
  readonly start: number;
}

export interface Output {
  readonly errors: readonly CompileError[];
  readonly contracts: Readonly<Record<string, Readonly<Record<string, Compiled>>>>;
  readonly sources: Readonly<Record<string, { readonly ast: Node }>>;
}

/** Code of contracts, by file and name. */
export type Wanted = Readonly<Record<string, readonly string[]>>;

const CODE = [
  "evm.bytecode.object",
  "evm.bytecode.linkReferences",
  "evm.deployedBytecode.object",
  "evm.deployedBytecode.linkReferences",
  "evm.deployedBytecode.immutableReferences",
];

/** Compiles only what is wanted; everything else is just read. */
export function compile(input: Input, wanted: Wanted): Output {
  const selection = Object.entries(wanted).map(([file, names]) => [
    file,
    Object.fromEntries(names.map((name) => [name, CODE])),
  ]);
  return run({ ...input, settings: { ...input.settings, outputSelection: Object.fromEntries(selection) } });
}

/** The syntax trees, without making code. */
export function parse(input: Input): Output {
  return run({ ...input, settings: { ...input.settings, outputSelection: { "*": { "": ["ast"] } } } });
}

/** What the compiler prints, as far as it is used here. */
interface Printed extends Partial<Omit<Output, "errors">> {
  readonly errors?: readonly {
    readonly severity: string;
    readonly formattedMessage: string;
    readonly sourceLocation?: { readonly file: string; readonly start: number };
  }[];
}

function run(input: Input): Output {
  const output: Printed = JSON.parse(solc.compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter(({ severity }) => severity === "error");
  return {
    errors: errors.map(({ formattedMessage, sourceLocation }) => ({
      message: formattedMessage.trim(),
      source: sourceLocation?.file ?? "",
      start: sourceLocation?.start ?? 0,
    })),
    contracts: output.contracts ?? {},
    sources: output.sources ?? {},
  };
}
