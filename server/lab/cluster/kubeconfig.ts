import { stringify } from 'yaml'

/** A kubeconfig with one cluster, one user and the context `bindery`. It holds the token: write it with mode 0600. */
export function kubeconfigText(url: string, ca: string, token: string): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'bindery',
        cluster: {
          server: url,
          'certificate-authority-data': Buffer.from(ca).toString('base64'),
        },
      },
    ],
    users: [{ name: 'bindery-admin', user: { token } }],
    contexts: [{ name: 'bindery', context: { cluster: 'bindery', user: 'bindery-admin' } }],
    'current-context': 'bindery',
  })
}
