// Colours for a terminal, and for nothing else: what is piped is for the next program, also in CI.

import pc from 'picocolors'

/** `isColorSupported` knows NO_COLOR; it also takes any CI for a terminal, which this does not. */
export const colours = pc.createColors(pc.isColorSupported && process.stdout.isTTY === true)
