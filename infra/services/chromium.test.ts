// Shows that the test browser runs pages.

import { describe, expect, it } from 'vitest'
import { available } from './available.ts'
import { startChromium } from './chromium.ts'

describe.skipIf(!available('chromium'))('the test browser', () => {
  it('runs the script of a page', async () => {
    const browser = await startChromium()
    try {
      const page = await browser.newPage()
      await page.setContent('<title>none</title><script>document.title = "live"</script>')
      expect(await page.title()).toBe('live')
    } finally {
      await browser.close()
    }
  })
})
