// Ends what the demo started where the demo itself is gone without a word: its end of the pipe closes with it.
// Each line on standard input names a process group, with a minus one that has ended by itself; plain JavaScript, so that it starts at once.
import { createInterface } from 'node:readline'

const patienceMs = 8000
const groups = new Set()

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => undefined)

for await (const line of createInterface({ input: process.stdin })) {
  const group = Number(line)
  if (group < 0) groups.delete(-group)
  else groups.add(group)
}

end('SIGTERM')
setTimeout(() => end('SIGKILL'), patienceMs)

/** @param {'SIGTERM' | 'SIGKILL'} signal */
function end(signal) {
  for (const group of groups) {
    try {
      process.kill(-group, signal)
    } catch {
      groups.delete(group)
    }
  }
  if (groups.size === 0) process.exit(0)
}
