// Holds the built console to its weight: what a first visit loads, and what a chart adds.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { builtConsole } from './built.ts'

const kB = 1_000
let folder: string
let page: string

const zipped = (path: string) => gzipSync(readFileSync(join(folder, path)), { level: 9 }).length
const assets = (form: RegExp) => readdirSync(join(folder, 'assets')).filter((name) => form.test(name))
/** Files that index.html names, and the one font that Latin text needs; fonts are compressed already. */
const firstLoad = () => [...page.matchAll(/(?:src|href)="\/([^"]+)"/g)].map(([, path]) => path as string)

beforeAll(async () => {
  folder = await builtConsole()
  page = readFileSync(join(folder, 'index.html'), 'utf8')
})

describe('the built console', () => {
  it('loads at most 170 kB at first, page, script, style and font together', () => {
    const font = assets(/^inter-latin-wght-normal.*\.woff2$/).map((name) => `assets/${name}`)
    const total = ['index.html', ...firstLoad(), ...font].reduce((sum, path) => sum + zipped(path), 0)
    expect(font).toHaveLength(1)
    expect(total).toBeLessThanOrEqual(170 * kB)
  })

  it('loads charts only when one is shown, and then at most 30 kB', () => {
    const [chart = ''] = assets(/^chart-.*\.js$/)
    expect(zipped(`assets/${chart}`)).toBeLessThanOrEqual(30 * kB)
    expect(page).not.toContain(chart)
  })

  it('has at most 25 kB of style', () => {
    expect(assets(/\.css$/).reduce((sum, name) => sum + zipped(`assets/${name}`), 0)).toBeLessThanOrEqual(25 * kB)
  })

  it('has no inline script or style, and names no other site', () => {
    expect(page).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|(?:src|href)="(?:https?:)?\/\//)
  })
})
