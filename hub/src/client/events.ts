// A small typed event source: `on` answers with its own undoing.

export function createEvents<Events extends object>() {
  const listeners = new Map<keyof Events, Set<(value: never) => void>>()
  return {
    on<E extends keyof Events>(event: E, listener: (value: Events[E]) => void): () => void {
      const set = listeners.get(event) ?? new Set()
      listeners.set(event, set.add(listener))
      return () => set.delete(listener)
    },
    emit<E extends keyof Events>(event: E, value: Events[E]) {
      for (const listener of listeners.get(event) ?? []) (listener as (value: Events[E]) => void)(value)
    },
  }
}
