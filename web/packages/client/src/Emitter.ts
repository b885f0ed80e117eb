/** Listeners by the name of what they listen to. `Events`: the value of each name. */
export class Emitter<Events> {
  private readonly listeners = new Map<keyof Events, Set<(value: never) => void>>();

  /** `onChange`: the first listener of a name came, or the last one went. */
  constructor(private readonly onChange: (name: keyof Events) => void = () => undefined) {}

  /** Call `listener` with each value; returns the function that ends it. */
  on<Name extends keyof Events>(name: Name, listener: (value: Events[Name]) => void): () => void {
    const own = (value: Events[Name]) => listener(value);
    const listeners = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, listeners.add(own));
    if (listeners.size === 1) this.onChange(name);
    return () => {
      if (listeners.delete(own) && listeners.size === 0) this.onChange(name);
    };
  }

  /** Call the listeners. One that throws does not keep the others from being called; the browser reports its error. */
  emit<Name extends keyof Events>(name: Name, value: Events[Name]): void {
    for (const listener of [...(this.listeners.get(name) ?? [])]) {
      try {
        (listener as (value: Events[Name]) => void)(value);
      } catch (error) {
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  /** Whether anybody listens. */
  has(name: keyof Events): boolean {
    return (this.listeners.get(name)?.size ?? 0) > 0;
  }
}
