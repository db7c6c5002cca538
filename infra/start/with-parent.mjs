// Preloaded into every process that `npm start` runs: when the one that started it is gone, however it went, this one stops too.

process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'))
// Waiting for that must not keep a process alive that has nothing else to do.
process.channel?.unref()
