// Draws one metric whenever readings of it came and once a second, so that it moves with time; stands still while paused.

import { onBeforeUnmount, onMounted, watch } from 'vue'
import { staleAfterMs } from '../lib/freshness.ts'
import type { Span } from '../lib/range.ts'
import type { FleetDevice } from './useFleet.ts'
import type { Live } from './useLive.ts'
import { useHub } from './useSession.ts'

export interface LiveMetricProps {
  row: FleetDevice
  metric: string
  live: Live
  windowMs: number
  /** Hub time at which the view was frozen. */
  pausedAt: number | undefined
}

/** `draw` gets the window in sight and the distance from which on two readings of this device have a gap between them. */
export function useLiveDrawing(props: LiveMetricProps, draw: (span: Span, gapMs: number) => void): void {
  const { clock, frames } = useHub()
  let end = () => {}

  function drawNow(): void {
    const to = props.pausedAt ?? clock.read()
    const { presence, profile } = props.row.device.value
    draw({ from: to - props.windowMs, to }, staleAfterMs(presence, profile?.reportEveryMs))
  }
  const request = () => frames.request(drawNow)

  onMounted(() => {
    end = props.live.onReadings(props.metric, drawNow)
    request()
  })
  onBeforeUnmount(() => {
    end()
    frames.cancel(drawNow)
  })
  watch([() => props.windowMs, () => props.pausedAt, props.live.gaps], request)
  watch(clock.now, () => {
    if (props.pausedAt === undefined) request()
  })
}
