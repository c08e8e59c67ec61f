import { parseArgs } from 'node:util'
import { verifyReceipt } from '#server/access/tasks/verify-receipt.ts'
import { config } from '#server/platform/config.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { AppError } from '#server/platform/model/errors.ts'

const usage = `Usage: bindery verify-receipt NAMESPACE/NAME

Checks the receipt of a ModelBinding, and the proof of its end, against the public keys in the ConfigMap
bindery-receipt-keys of the serving namespace. The cluster is that of KUBECONFIG, ~/.kube/config or the pod's account.
Ends with 0 where the signatures hold, 1 where one does not or there is none, 2 where it could not look.
`

/** `bindery verify-receipt`: for whoever doubts what a page shows. */
export async function main(argv: string[]): Promise<void> {
  const given = parse(argv)
  if (given === 'help') return void process.stdout.write(usage)
  if (!given) {
    process.stderr.write(usage)
    process.exitCode = 2
    return
  }
  const kube = connectKube()
  try {
    await verifyReceipt(kube, given, config().SERVING_NAMESPACE)
  } catch (error) {
    const isAnswer =
      error instanceof AppError && (error.code === 'unprocessable' || error.code === 'not-found')
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
    process.exitCode = isAnswer ? 1 : 2
  } finally {
    await kube.close()
  }
}

function parse(argv: string[]): { namespace: string; name: string } | 'help' | undefined {
  try {
    const { values, positionals } = parseArgs({
      args: argv,
      options: { help: { type: 'boolean', short: 'h' } },
      allowPositionals: true,
    })
    if (values.help) return 'help'
    const [namespace, name, ...more] = positionals[0]?.split('/') ?? []
    if (!namespace || !name || more.length > 0 || positionals.length !== 1) return undefined
    return { namespace, name }
  } catch {
    return undefined
  }
}
