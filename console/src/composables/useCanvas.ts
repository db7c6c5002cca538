// A canvas that is as sharp as the screen, as large as its box, and drawn at most once a frame.

import { onBeforeUnmount, onMounted, type Ref, watch } from 'vue'
import { useHub } from './useSession.ts'
import { useTheme } from './useTheme.ts'

export type Draw = (context: CanvasRenderingContext2D, box: { width: number; height: number }) => void

/** `draw` works in CSS pixels on an empty canvas. The answer asks for a new drawing. */
export function useCanvas(canvas: Ref<HTMLCanvasElement | null>, draw: Draw): () => void {
  const { frames } = useHub()
  const { theme } = useTheme()
  let observer: ResizeObserver | undefined

  function paint(): void {
    const element = canvas.value
    const context = element?.getContext('2d')
    if (!element || !context) return
    const { clientWidth: width, clientHeight: height } = element
    const ratio = devicePixelRatio || 1
    if (element.width !== Math.round(width * ratio)) element.width = Math.round(width * ratio)
    if (element.height !== Math.round(height * ratio)) element.height = Math.round(height * ratio)
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, width, height)
    draw(context, { width, height })
  }

  const request = () => frames.request(paint)

  onMounted(() => {
    observer = new ResizeObserver(request)
    if (canvas.value) observer.observe(canvas.value)
    request()
  })
  onBeforeUnmount(() => {
    observer?.disconnect()
    frames.cancel(paint)
  })
  watch(theme, request, { flush: 'post' })
  return request
}

/** A design token as a colour that a canvas can use. */
export function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()
}
