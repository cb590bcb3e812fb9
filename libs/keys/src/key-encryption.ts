/** Where the key-encryption key lives: this process (`LocalKeyEncryption`), or later a KMS that never lets it out. */
export interface KeyEncryption {
  /** Identifies the key-encryption key; written into each envelope, so that a wrong one is named, not guessed. */
  readonly id: string;
  readonly name: string;
  wrap(dek: Buffer, aad: Buffer): Promise<Buffer>;
  unwrap(wrapped: Buffer, aad: Buffer): Promise<Buffer>;
}
