import { ParleyError } from "../../kernel/errors.ts";
import type { Bytes32 } from "../../kernel/ids.ts";
import type { EvidenceSource, FetchLimits } from "../../ports/evidence-source.ts";
import { HashedFolder } from "./folder.ts";
import { fetchWeb } from "./web.ts";

export interface FileSourceOptions {
  /** A folder with files that came by another way; they are found by their hash. */
  readonly folder?: string | null;
  /** An HTTPS address that `ipfs:` is read through, such as `https://ipfs.io`; null where it is not read. */
  readonly ipfsGateway?: string | null;
  /** Also addresses of this network, and without TLS. For rehearsals only: addresses come from strangers. */
  readonly allowPrivate?: boolean;
}

/** Evidence from the web, from IPFS through a gateway, from `data:` addresses, and from a folder by its hash. */
export class FileSource implements EvidenceSource {
  readonly #options: FileSourceOptions;
  readonly #folder: HashedFolder | null;

  constructor(options: FileSourceOptions = {}) {
    this.#options = options;
    this.#folder = options.folder ? new HashedFolder(options.folder) : null;
  }

  async fetch(uri: string, limits: FetchLimits): Promise<Uint8Array> {
    if (uri.startsWith("data:")) return decodeData(uri, limits.mostBytes);
    return await fetchWeb(this.#urlOf(uri), limits, this.#options.allowPrivate ?? false);
  }

  async atHand(hash: Bytes32): Promise<Uint8Array | null> {
    return (await this.#folder?.find(hash)) ?? null;
  }

  /** Never a path of this machine: whoever filed the address must not choose what is read here. */
  #urlOf(uri: string): URL {
    const path = /^(?:ipfs:\/\/|\/ipfs\/)([A-Za-z0-9][A-Za-z0-9._/-]*)$/.exec(uri)?.[1];
    if (path !== undefined) {
      const { ipfsGateway } = this.#options;
      if (!ipfsGateway) throw refused(uri, "is on IPFS, and no gateway is configured", "name one: --ipfs-gateway URL");
      if (path.split("/").includes("..")) throw refused(uri, "climbs out of its folder");
      return new URL(`/ipfs/${path}`, ipfsGateway);
    }
    const url = URL.parse(uri);
    if (url === null || !/^https?:$/.test(url.protocol)) throw refused(uri, "is neither https:, ipfs: nor data:");
    return url;
  }
}

/** RFC 2397. */
function decodeData(uri: string, mostBytes: number): Uint8Array {
  const [, base64, content = ""] = /^data:[^,;]*(?:;[^,;]*?)*?(;base64)?,(.*)$/s.exec(uri) ?? [];
  if (content === "") throw refused(uri, "is no data: address with something in it");
  if (uri.length > 3 * mostBytes + 200) throw refused(uri, "holds more than is read");
  try {
    const text = decodeURIComponent(content);
    const bytes = new Uint8Array(Buffer.from(text, base64 === undefined ? "utf8" : "base64"));
    if (bytes.length <= mostBytes) return bytes;
  } catch {
    throw refused(uri, "is written wrongly");
  }
  throw refused(uri, "holds more than is read");
}

function refused(uri: string, what: string, hint?: string): ParleyError<"EvidenceRefused"> {
  return new ParleyError("EvidenceRefused", `the address '${uri.slice(0, 100)}' ${what}`, {
    hint: hint ?? "have it filed again under an address that can be followed, or get the file and give it by hand",
  });
}
