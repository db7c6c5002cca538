// Topics of the protocol are understood, all others refused.

import { describe, expect, it } from 'vitest'
import { commandTopic, deviceTopicFilters, parseCommandsFilter, parseDeviceTopic } from './topics.ts'

describe('topics of devices', () => {
  it.each([
    ['telehub/v1/pump-1/telemetry', { kind: 'telemetry', device: 'pump-1' }],
    ['telehub/v1/pump-1/profile', { kind: 'profile', device: 'pump-1' }],
    ['telehub/v1/a.b:c_d/status', { kind: 'status', device: 'a.b:c_d' }],
    ['telehub/v1/pump-1/commands/c1/reply', { kind: 'reply', device: 'pump-1', command: 'c1' }],
  ])('understands %s', (topic, parsed) => {
    expect(parseDeviceTopic(topic)).toEqual(parsed)
  })

  it.each([
    '',
    'telehub',
    '/telehub/v1/pump-1/telemetry',
    'telehub/v2/pump-1/telemetry',
    'telehub/v1//telemetry',
    'telehub/v1/+/telemetry',
    'telehub/v1/../telemetry',
    'telehub/v1/__proto__/telemetry',
    'telehub/v1/pump-1/telemetry/',
    'telehub/v1/pump-1/telemetry/more',
    'telehub/v1/pump-1/commands/c1',
    'telehub/v1/pump-1/commands//reply',
    'telehub/v1/pump-1/commands/c1/reply/more',
    `telehub/v1/${'x'.repeat(65)}/telemetry`,
    '$SYS/broker/version',
  ])('refuses %s', (topic) => {
    expect(parseDeviceTopic(topic)).toBeUndefined()
  })

  it('asks an outside broker for exactly those topics', () => {
    expect(
      deviceTopicFilters.map((filter) => parseDeviceTopic(filter.replace('+', 'pump-1').replace('+', 'c1'))?.kind),
    ).toEqual(['telemetry', 'profile', 'status', 'reply'])
  })
})

describe('filters for commands', () => {
  it('name a device or all of them', () => {
    expect(parseCommandsFilter('telehub/v1/pump-1/commands/+')).toBe('pump-1')
    expect(parseCommandsFilter('telehub/v1/pump-1/commands/#')).toBe('pump-1')
    expect(parseCommandsFilter('telehub/v1/+/commands/+')).toBe('+')
  })

  it('match the topic that a command is sent to', () => {
    expect(commandTopic('pump-1', 'c1')).toBe('telehub/v1/pump-1/commands/c1')
  })

  it.each([
    '#',
    '+',
    '+/+/cmd',
    '$SYS/#',
    '$share/g/telehub/v1/pump-1/commands/+',
    'telehub/v1/#',
    'telehub/v1/pump-1/#',
    'telehub/v1/pump-1/commands',
    'telehub/v1/pump-1/commands/+/reply',
    'telehub/v1/p+/commands/+',
    'a#',
  ])('are not %s', (filter) => {
    expect(parseCommandsFilter(filter)).toBeUndefined()
  })
})
