import { join } from 'node:path'

/** Where the demo keeps what: all of it under one folder, ignored by git. */
export type Layout = {
  root: string
  stateDir: string
  bundleDir: string
  nextDir: string
  /** Where the container images are laid out that are run in place of the build; undefined runs the build itself. */
  images?: string
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

export function layoutOf(root: string, stateDir = join(root, '.bindery'), images?: string): Layout {
  return {
    root,
    stateDir,
    images,
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

/** How one of our images is started: Node, its arguments, and the folder to do it in. */
export function commandOf(
  layout: Pick<Layout, 'root' | 'bundleDir' | 'images'>,
  image: 'bindery' | 'demo-engine',
): { node: string; args: string[]; cwd: string } {
  const file = image === 'bindery' ? 'main.js' : 'demo-engine.js'
  if (!layout.images) {
    return { node: process.execPath, args: [join(layout.bundleDir, file)], cwd: layout.root }
  }
  const cwd = join(layout.images, image)
  return { node: join(cwd, 'bin/node'), args: [join(cwd, '.bindery/image', file)], cwd }
}
