/**
 * Many questions about one thing at once become two calls: the one under way, and one more for everybody who asked after it was sent.
 * Nobody gets the answer of a call that was sent before it asked: such an answer may be from before an end that was acknowledged in
 * between (promise 1). That is the difference to a plain single flight.
 */
export class TakeTurns<T> {
  private readonly lines = new Map<string, { current: Promise<T>; next: Promise<T> | null }>();

  ask(key: string, call: () => Promise<T>): Promise<T> {
    const line = this.lines.get(key);
    if (!line) return this.begin(key, call);
    line.next ??= line.current.then(
      () => this.begin(key, call),
      () => this.begin(key, call),
    );
    return line.next;
  }

  private begin(key: string, call: () => Promise<T>): Promise<T> {
    const current = call();
    const line: { current: Promise<T>; next: Promise<T> | null } = { current, next: null };
    this.lines.set(key, line);
    const leave = () => {
      if (line.next === null && this.lines.get(key) === line) this.lines.delete(key);
    };
    current.then(leave, leave);
    return current;
  }
}
