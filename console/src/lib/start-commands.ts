// The commands that make a first device appear, for the hub that is looked at.

export interface Way {
  title: string
  command: string
}

/** `hubUrl` as signed in to. Keys are named by the file the hub keeps them in, never shown. */
export function startCommands(hubUrl: string): Way[] {
  const { hostname } = new URL(hubUrl)
  const key = '$(cat data/keys/gateway.key)'
  return [
    { title: 'Simulated devices, in another terminal', command: 'npm run sim -- --devices 3' },
    {
      title: 'A device of your own, over MQTT',
      command: `mosquitto_pub -h ${hostname} -u demo -P "${key}" -q 1 -t telehub/v1/demo/telemetry -m '{"temperature":21.5}'`,
    },
    {
      title: 'Or over HTTP',
      command: [
        `curl ${hubUrl}/api/v1/readings -H "Authorization: Bearer ${key}"`,
        `  -H 'Content-Type: application/json'`,
        `  -d '{"device":"demo","readings":[{"values":{"temperature":21.5}}]}'`,
      ].join(' \\\n'),
    },
  ]
}
