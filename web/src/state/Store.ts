/** One value that can be watched; the view re-renders what uses it. Never written from the render loop. */
export class Store<Value> {
  private readonly watchers = new Set<() => void>();

  constructor(private current: Value) {}

  get value(): Value {
    return this.current;
  }

  set(value: Value): void {
    if (Object.is(value, this.current)) return;
    this.current = value;
    for (const watcher of this.watchers) watcher();
  }

  update(change: (value: Value) => Value): void {
    this.set(change(this.current));
  }

  /** Call `watcher` after each change; returns the function that ends it. */
  watch(watcher: () => void): () => void {
    this.watchers.add(watcher);
    return () => this.watchers.delete(watcher);
  }
}
