import { join } from 'node:path'

/** Where the demo keeps what: all of it under one folder, ignored by git. */
export type Layout = {
  root: string
  stateDir: string
  bundleDir: string
  nextDir: string
  logsDir: string
  postgresDir: string
  clusterDir: string
  overlayDir: string
  signatures: string
  kubeconfig: string
  webKubeconfig: string
  lock: string
  webPid: string
}

export function layoutOf(root: string, stateDir = join(root, '.bindery')): Layout {
  return {
    root,
    stateDir,
    bundleDir: join(root, '.bindery', 'image'),
    nextDir: join(root, '.bindery', 'next'),
    logsDir: join(stateDir, 'logs'),
    postgresDir: join(stateDir, 'postgres'),
    clusterDir: join(stateDir, 'cluster'),
    overlayDir: join(stateDir, 'overlay'),
    signatures: join(stateDir, 'signatures.json'),
    kubeconfig: join(stateDir, 'kubeconfig'),
    webKubeconfig: join(stateDir, 'web.kubeconfig'),
    lock: join(stateDir, 'demo.pid'),
    webPid: join(stateDir, 'web.pid'),
  }
}
