// Does things one after the other where they concern the same thing, and side by side where they do not.

export function createTurns() {
  const turns = new Map<string, Promise<unknown>>()
  return {
    /** Runs `step` once all earlier steps of this name are over, however they ended. */
    inTurn<T>(name: string, step: () => Promise<T>): Promise<T> {
      const turn = (turns.get(name) ?? Promise.resolve()).then(step, step)
      turns.set(name, turn)
      const done = () => {
        if (turns.get(name) === turn) turns.delete(name)
      }
      turn.then(done, done)
      return turn
    },
    /** Resolves when every step that was asked for is over. */
    async settled() {
      await Promise.allSettled(turns.values())
    },
  }
}
