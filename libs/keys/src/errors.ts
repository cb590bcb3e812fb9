/** A key can't be opened, made or used. The message is for an operator: it names the key and what to do, never key bytes. */
export class KeyError extends Error {
  override readonly name = 'KeyError';
}

/** The keys can't be had just now (their owner doesn't answer): the caller answers 503, never `inactive` and never `active`. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}
