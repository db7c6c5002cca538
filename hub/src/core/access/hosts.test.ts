// Which Host headers are ours.

import { expect, it } from 'vitest'
import { createHosts } from './hosts.ts'

const hosts = createHosts({ host: '127.0.0.1', extra: ['hub.example.com', 'proxy.test:8443'] })

it.each([
  'localhost',
  'localhost:8080',
  'LOCALHOST:8080',
  '127.0.0.1:8080',
  '192.168.1.20:8080',
  '[::1]:8080',
  'hub.example.com',
  'HUB.example.com:443',
  'proxy.test:8443',
])('%s is ours', (host) => expect(hosts.allows(host)).toBe(true))

it.each([
  undefined,
  '',
  'evil.test',
  'localhost.evil.test',
  '127.0.0.1.nip.io',
  'localhost.',
  'hub.example.com.evil.test',
  'proxy.test',
  'proxy.test:1',
  '0.0.0.0:8080',
  '[::]:8080',
  'localhost:x',
  'localhost:8080, evil.test',
  'user@localhost',
  'localhost/evil',
  '2130706433',
  '0x7f.0.0.1',
])('%s is not', (host) => expect(hosts.allows(host)).toBe(false))
