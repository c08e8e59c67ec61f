// busybox's nslookup: what the cluster's names stand for.
import { resolve4 } from 'node:dns/promises'

const [name] = process.argv.slice(2)
if (!name) {
  process.stderr.write('usage: nslookup HOST\n')
  process.exit(1)
}
process.stdout.write('Server:\t\tcluster\nAddress:\tcluster\n\n')
try {
  for (const address of await resolve4(name))
    process.stdout.write(`Name:\t${name}\nAddress: ${address}\n`)
} catch {
  process.stderr.write(`** server can't find ${name}: NXDOMAIN\n`)
  process.exit(1)
}
