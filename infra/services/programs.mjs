// The real servers that tests talk to, and where their programs are on this machine.

import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** `package` and `unit` are Debian's: what apt installs, and the service that comes with it. */
export const servers = {
  mosquitto: { title: 'Mosquitto', programs: ['mosquitto'], package: 'mosquitto', unit: 'mosquitto' },
  'mosquitto-clients': {
    title: "Mosquitto's mosquitto_pub and mosquitto_sub",
    programs: ['mosquitto_sub'],
    package: 'mosquitto-clients',
  },
  influxdb: { title: 'InfluxDB', programs: ['influxd'], package: 'influxdb', unit: 'influxdb' },
  chromium: { title: 'Chromium', programs: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium' },
}

/**
 * Full path of the program, or undefined when there is none.
 *
 * @param {keyof typeof servers} name
 */
export function findProgram(name) {
  // Debian keeps daemons in /usr/sbin, which is not on the PATH of every user.
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  const paths = folders.flatMap((folder) => servers[name].programs.map((program) => join(folder, program)))
  return paths.find((path) => existsSync(path))
}
