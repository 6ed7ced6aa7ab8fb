/** Certificates and keys, as PEM. */
export interface TlsOptions {
  /** Who may have signed the other side's certificate; where absent, whoever this system trusts. */
  readonly authorities?: string;
  /** Our own certificate, with those between it and the authority. Needed to listen; shown to servers that ask for one. */
  readonly certificate?: string;
  /** The secret key of our own certificate. */
  readonly key?: string;
}
