// What an operator lives through, in a real browser, across two origins, with the real hub.

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { available } from '../../infra/services/available.ts'
import { type Pump, startPump } from './pump.ts'
import { openStage, type Stage } from './stage.ts'

describe.skipIf(!available('chromium'))('an operator', () => {
  let stage: Stage
  let pump: Pump

  beforeAll(async () => {
    stage = await openStage()
    pump = await startPump(stage.hub)
    await pump.report({ temperature: 21.5, rpm: 0, running: false, mode: 'idle' })
  })
  afterAll(() => stage?.close())

  it('signs in by a link, whose key is gone from the address bar at once', async () => {
    const page = await stage.open({ path: `/${stage.link}` })
    await page.waitForURL('**/devices')
    expect(await page.evaluate(() => location.href + JSON.stringify(localStorage))).not.toContain('th_admin')

    await page.reload()
    await page.getByRole('link', { name: /Cellar pump/ }).waitFor()
  })

  it('sees a reading arrive, opens the device, sends a command and sees it succeed', async () => {
    const page = await stage.open({ path: `/${stage.link}` })
    const row = page.getByRole('link', { name: /Cellar pump/ })
    await row.getByText('21.5').waitFor()
    await pump.report({ temperature: 23.4 })
    await row.getByText('23.4').waitFor()

    await row.click()
    await page.getByRole('heading', { name: 'Cellar pump' }).waitFor()
    await page.getByRole('img', { name: /^Temperature: min 21\.5/ }).waitFor()

    const obeyed = pump.obey()
    await page
      .getByRole('textbox', { name: 'Set speed rpm' })
      .or(page.getByRole('textbox', { name: /Rpm/ }))
      .fill('1200')
    await page.getByRole('button', { name: 'Send: Set speed' }).click()
    expect((await obeyed).params).toEqual({ rpm: 1200 })

    await page.getByRole('list', { name: 'Commands' }).getByText('succeeded').waitFor()
    await page.getByText('Set speed succeeded').waitFor()
    await page.getByText('applied 1200').first().waitFor()
  })

  it('is asked to name the device before a dangerous command', async () => {
    const page = await stage.open({ path: `/devices/pump-1${stage.link}` })
    await page.getByRole('button', { name: /Reboot/ }).click()
    const dialog = page.getByRole('dialog', { name: 'Reboot?' })
    expect(await dialog.getByRole('button', { name: 'Reboot' }).isDisabled()).toBe(true)

    await dialog.getByLabel('Type pump-1 to confirm').fill('pump-1')
    const obeyed = pump.obey()
    await dialog.getByRole('button', { name: 'Reboot' }).click()
    expect((await obeyed).name).toBe('reboot')
    await page.getByText('Reboot succeeded').waitFor()
  })

  it('drags over a chart and finds that time in the history, and comes back', async () => {
    const page = await stage.open({ path: `/devices/pump-1${stage.link}` })
    const chart = page.getByRole('img', { name: /^Temperature/ })
    await page.locator('.u-over').first().waitFor()
    const box = (await chart.boundingBox())!
    await page.mouse.move(box.x + box.width * 0.5, box.y + 80)
    await page.mouse.down()
    await page.mouse.move(box.x + box.width * 0.9, box.y + 80, { steps: 5 })
    await page.mouse.up()

    await page.waitForURL(/tab=history&from=\d+&to=\d+/)
    await page.getByRole('button', { name: 'Back to live' }).click()
    await page.waitForURL(/devices\/pump-1$/)
  })

  it('is told that the hub is away, and goes on when it is back', async () => {
    const page = await stage.open({ path: `/devices/pump-1${stage.link}` })
    const pill = page.getByRole('button', { name: /^Connection: Live/ })
    await pill.waitFor()

    const restarted = stage.hub.restart()
    await page.getByRole('button', { name: /^Connection: (Reconnecting|Connecting)/ }).waitFor()
    await restarted
    await pill.waitFor()

    pump = await startPump(stage.hub)
    await pump.report({ temperature: 30.1 })
    await page.getByLabel('Temperature').getByText('30.1').first().waitFor()
  })

  it('signs out, and the key is gone from the browser', async () => {
    const page = await stage.open({ path: `/${stage.link}` })
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.waitForURL('**/connect')
    expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain('th_admin')
    await page.goto('/devices')
    await page.waitForURL('**/connect')
  })

  it('never trips the content security policy', () => {
    expect(stage.complaints).toEqual([])
  })
})

describe.skipIf(!available('chromium'))('a page on an origin the hub does not allow', () => {
  let stage: Stage

  beforeAll(async () => {
    stage = await openStage()
  })
  afterAll(() => stage?.close())

  it('gets neither an HTTP answer nor a socket, even with a good key', async () => {
    const page = await stage.open({ path: '/connect' }, stage.foreignUrl)
    const got = await page.evaluate(
      async ([url, key]) => {
        const answer = await fetch(`${url}/api/v1/devices`, { headers: { authorization: `Bearer ${key}` } }).then(
          (response) => response.status,
          (error) => error.name,
        )
        const socket = new WebSocket(`${url?.replace('http', 'ws')}/ws/console`, ['telehub.v1.json'])
        const code = await new Promise((resolve) => {
          socket.onopen = () => resolve('open')
          socket.onclose = ({ code }) => resolve(code)
        })
        return [answer, code]
      },
      [stage.hub.url, stage.hub.key('admin')],
    )
    expect(got).toEqual(['TypeError', 1006])
  })

  it('is told why and what to do, and goes on by itself once it is allowed', async () => {
    const page = await stage.open({ path: `/${stage.link}` }, stage.foreignUrl)
    await page.getByText(`The hub does not allow ${stage.foreignUrl} yet.`).waitFor()
    await page.getByText(`telehub origins add ${stage.foreignUrl}`).waitFor()
    await page.getByText(`TELEHUB_ORIGINS=${stage.foreignUrl}`).waitFor()

    await stage.hub.console().request('POST', '/origins', { origin: stage.foreignUrl })
    await page.waitForURL('**/devices')
    await page.getByText('No devices yet.').waitFor()
  })

  it('names a wrong key and a hub that is not there for what they are', async () => {
    const page = await stage.open({ path: `/#hub=${stage.hub.url}&key=th_admin_nobody_nothing` })
    await page.getByText('This key is not known here, or no longer valid.').waitFor()

    await page.getByLabel('Hub address').fill('http://127.0.0.1:9')
    await page.getByRole('button', { name: 'Connect' }).click()
    await page.getByText('Nothing answers at http://127.0.0.1:9').waitFor()
  })
})
