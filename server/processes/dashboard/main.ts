import { parseArgs } from 'node:util'
import { stringify } from 'yaml'
import { dashboardText } from './make-dashboard.ts'

const usage = `Usage: bindery dashboard [--config-map]

Prints a Grafana dashboard (JSON) of what web, controller and gateway measure. With --config-map it is a ConfigMap that
Grafana's sidecar takes: manifests/components/monitoring/dashboard.yaml.
`

/** `bindery dashboard`. */
export async function main(argv: string[]): Promise<void> {
  const options = {
    help: { type: 'boolean', short: 'h' },
    'config-map': { type: 'boolean' },
  } as const
  const { values } = parseArgs({ args: argv, options })
  process.stdout.write(
    values.help
      ? usage
      : values['config-map']
        ? stringify(configMap(), { blockQuote: 'literal' })
        : dashboardText(),
  )
}

function configMap(): object {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: 'bindery-dashboard',
      namespace: 'bindery-system',
      labels: { grafana_dashboard: '1' },
    },
    data: { 'bindery.json': dashboardText() },
  }
}
