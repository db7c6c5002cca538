// Shows that drawing happens at most once a frame and never unseen.

import { afterEach, expect, it, vi } from 'vitest'
import { createFrames } from './frames.ts'

afterEach(() => vi.unstubAllGlobals())

function stage() {
  const frames: FrameRequestCallback[] = []
  vi.stubGlobal('requestAnimationFrame', (run: FrameRequestCallback) => frames.push(run))
  const page = Object.assign(new EventTarget(), { hidden: false })
  const show = (hidden: boolean) => {
    page.hidden = hidden
    page.dispatchEvent(new Event('visibilitychange'))
  }
  const nextFrame = () => {
    for (const run of frames.splice(0)) run(0)
  }
  return { frames: createFrames(page as unknown as Document), nextFrame, show }
}

it('draws once a frame however often it is asked', () => {
  const { frames, nextFrame } = stage()
  const draw = vi.fn()
  for (let i = 0; i < 5; i++) frames.request(draw)
  nextFrame()
  nextFrame()
  expect(draw).toHaveBeenCalledTimes(1)
})

it('waits until the page is seen again', () => {
  const { frames, nextFrame, show } = stage()
  const draw = vi.fn()
  show(true)
  frames.request(draw)
  nextFrame()
  expect(draw).not.toHaveBeenCalled()
  show(false)
  nextFrame()
  expect(draw).toHaveBeenCalledTimes(1)
})

it('forgets what was cancelled', () => {
  const { frames, nextFrame } = stage()
  const draw = vi.fn()
  frames.request(draw)
  frames.cancel(draw)
  nextFrame()
  expect(draw).not.toHaveBeenCalled()
})
