#!/usr/bin/env node
// `telehub`: runs the hub, and talks to a running one.

import { run } from './run.ts'
import { processTerminal } from './terminal.ts'

process.exitCode = await run(process.argv.slice(2), processTerminal())
