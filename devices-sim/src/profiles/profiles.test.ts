// What every profile must be: a valid profile, readings that fit it, and the same readings for the same seed.

import { Profile } from '@telehub/hub/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../signals/random.ts'
import { kindsNamed, profileNames } from './index.ts'
import type { Machine } from './model.ts'

const startAt = Date.parse('2026-01-01T00:00:00Z')
const device = { name: 'One', everyMs: 1_000, tags: ['hall-1'] }
const kinds = [...kindsNamed(profileNames).values()]

/** Some value of everything that a command of a profile can be told; without `params`, nothing. */
function anyCommand(profile: Profile) {
  return fc.constantFrom(...Object.entries(profile.commands ?? {})).chain(([name, { params }]) => {
    const properties = Object.entries(params?.properties ?? {}).map(([property, schema]) => {
      if (schema.type === 'string') return [property, fc.constantFrom(...(schema.enum ?? ['']))] as const
      if (schema.type !== 'integer' && schema.type !== 'number') throw new Error(`no values for ${schema.type} yet`)
      return [property, fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 100 })] as const
    })
    return fc.record({ name: fc.constant(name), params: fc.record(Object.fromEntries(properties)) })
  })
}

function misfits(machine: Machine, profile: Profile): string[] {
  const values = machine.read()
  return Object.entries(profile.metrics ?? {}).flatMap(
    ([name, { type, min = -Infinity, max = Infinity, precision }]) => {
      const value = values[name]
      if (typeof value !== type) return [`${name} is ${typeof value}`]
      if (typeof value !== 'number') return []
      if (value < min || value > max) return [`${name} is ${value}`]
      return Number(value.toFixed(precision ?? 3)) === value ? [] : [`${name} is ${value}, too exact`]
    },
  )
}

it('knows the profiles of the help text', () => {
  expect(kinds.map((kind) => kind.type)).toEqual(profileNames)
})

describe.each(kinds.map((kind) => ({ name: kind.type, kind })))('the profile $name', ({ kind }) => {
  const profile = kind.describe(device)

  it('is a profile of the protocol', () => {
    expect(Profile.parse(profile)).toEqual(profile)
    expect(profile).toMatchObject({ type: kind.type, simulated: kind.simulated, reportEveryMs: 1_000 })
  })

  it('has exactly one primary metric, and a title for each', () => {
    const metrics = Object.values(profile.metrics ?? {})

    expect(metrics.filter((metric) => metric.primary)).toHaveLength(1)
    expect(metrics.every((metric) => metric.title)).toBe(true)
  })

  it('reports exactly its metrics', () => {
    const machine = kind.create(createRandom(1))
    machine.advance(1_000, startAt)

    expect(Object.keys(machine.read()).sort()).toEqual(Object.keys(profile.metrics ?? {}).sort())
  })

  it('refuses a command that it does not have', () => {
    const taken = kind.create(createRandom(1)).take('self_destruct', {})

    expect(taken).toMatchObject({ refused: { code: 'unknown-command' } })
  })
})

describe.each(kinds.filter((kind) => kind.simulated).map((kind) => ({ name: kind.type, kind })))(
  'the model $name',
  ({ kind }) => {
    const profile = kind.describe(device)

    it('stays in its ranges whatever the seed, the steps and the commands', () => {
      const anyStep = fc.record({
        elapsedMs: fc.integer({ min: 1, max: 3_600_000 }),
        command: fc.option(anyCommand(profile)),
      })
      fc.assert(
        fc.property(fc.integer(), fc.array(anyStep, { minLength: 1, maxLength: 20 }), (seed, steps) => {
          const machine = kind.create(createRandom(seed))
          let at = startAt
          for (const { elapsedMs, command } of steps) {
            at += elapsedMs
            if (command) machine.take(command.name, command.params)
            machine.advance(elapsedMs, at)
            expect(misfits(machine, profile)).toEqual([])
          }
        }),
        { numRuns: 40 },
      )
    })

    it('gives the readings that it has always given for a seed', async () => {
      const machine = kind.create(createRandom(42))
      const lines = Array.from({ length: 20 }, (_, index) => {
        const at = startAt + (index + 1) * 30_000
        machine.advance(30_000, at)
        return JSON.stringify({ at, values: machine.read() })
      })

      await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot(`./golden/${kind.type}.ndjson`)
    })
  },
)
