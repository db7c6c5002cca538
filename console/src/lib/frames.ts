// Runs drawing at most once a frame, and not at all while nobody can see it.

export interface Frames {
  /** Draw soon. Asking again before the next frame changes nothing. */
  request(draw: () => void): void
  cancel(draw: () => void): void
}

/** What was asked for while the page is hidden is drawn once when it is seen again. */
export function createFrames(page: Document = document): Frames {
  const waiting = new Set<() => void>()
  let asked = false

  function run(): void {
    asked = false
    if (page.hidden) return
    const draws = [...waiting]
    waiting.clear()
    for (const draw of draws) draw()
  }

  function ask(): void {
    if (asked || page.hidden || waiting.size === 0) return
    asked = true
    requestAnimationFrame(run)
  }

  page.addEventListener('visibilitychange', ask)

  return {
    request(draw) {
      waiting.add(draw)
      ask()
    },
    cancel(draw) {
      waiting.delete(draw)
    },
  }
}
