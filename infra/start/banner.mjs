// The one block that `npm start` prints when everything runs: where to go, and what to do there.

/**
 * @param {object} facts
 * @param {string} facts.consoleUrl
 * @param {string} facts.hubUrl
 * @param {string} facts.adminKey
 * @param {number} facts.devices how many are there
 * @param {number | undefined} facts.mqttPort
 * @param {string} facts.logFile
 */
export function banner({ consoleUrl, hubUrl, adminKey, devices, mqttPort, logFile }) {
  // Behind the #, because what stands there is never sent to a server nor kept in its logs.
  const link = `${consoleUrl}/connect#hub=${hubUrl}&key=${adminKey}`
  return `
  Telehub runs. Open the console, already signed in:

    ${link}

  Hub       ${hubUrl}${mqttPort === undefined ? '' : `, MQTT on port ${mqttPort}`}
  Devices   ${devices === 0 ? 'none yet' : `${devices} live`}
  Log       ${logFile}

  Next: open a device, watch its chart move, send it a command.
  The link holds the admin key of this hub: keep it to yourself.
  Ctrl-C stops everything.
`
}
