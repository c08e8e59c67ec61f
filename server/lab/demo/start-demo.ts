import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '#server/lab/postgres/start-postgres.ts'
import { connectKube } from '#server/platform/kube/connect-kube.ts'
import { ensureWeb } from './bundle/build-web.ts'
import { bundleServer, watchServer } from './bundle/bundle-server.ts'
import { freePorts } from './children/free-ports.ts'
import { killChildrenOnExit } from './children/kill-children-on-exit.ts'
import { takeLock } from './children/lock.ts'
import { reloadPods } from './children/reload-processes.ts'
import { supervise } from './children/supervise.ts'
import { waitForAnswer } from './children/wait-for-answer.ts'
import { waitForFile } from './children/wait-for-file.ts'
import type { DemoOptions } from './demo-options.ts'
import { demoImages } from './images.ts'
import { commandOf, layoutOf } from './layout.ts'
import { people } from './people.ts'
import { preflight, takePort } from './preflight.ts'
import { createProgress } from './progress.ts'
import { webEnvironment } from './web-environment.ts'
import { writeOverlay } from './write-overlay.ts'

export type RunningDemo = { url: string; ended: Promise<void> }

/**
 * Starts everything, in the order in which each part finds what it needs, and says so. Resolves once the whole story
 * can be told; `ended` resolves when all of it has stopped again, which the signal asks for.
 */
export async function startDemo(
  root: string,
  options: DemoOptions,
  signal: AbortSignal,
): Promise<RunningDemo> {
  const layout = layoutOf(root, options.stateDir, options.images)
  const out = process.stdout
  const progress = createProgress(out)
  preflight([layout.stateDir, join(root, '.bindery')])
  const unlock = await takeLock(layout.lock)
  const leash = killChildrenOnExit()
  const stops: (() => Promise<void>)[] = [async () => leash.release(), unlock]
  const failed = new AbortController()
  const aborted = AbortSignal.any([signal, failed.signal])

  async function stopAll() {
    for (const stop of stops.reverse()) await stop().catch((error) => out.write(`  ${error}\n`))
  }

  try {
    stops.push(await takePort(options.port))
    for (const dir of [layout.clusterDir, layout.logsDir, layout.overlayDir]) {
      rmSync(dir, { recursive: true, force: true })
      mkdirSync(dir, { recursive: true })
    }
    for (const file of [layout.signatures, layout.kubeconfig]) rmSync(file, { force: true })
    out.write('\nBindery starts.\n')

    if (!layout.images) {
      await progress.step('Bundling the processes', () => bundleServer(root, layout.bundleDir))
    }
    const postgres = await progress.step('Starting PostgreSQL', () =>
      startPostgres({ dir: layout.postgresDir }),
    )
    stops.push(() => postgres.stop())
    aborted.throwIfAborted()

    const images = demoImages(layout)
    writeOverlay(layout.overlayDir, join(root, 'manifests/overlays/embedded'), {
      ...images,
      databaseUrl: postgres.url,
      inferenceUrl: options.inferenceUrl,
      inferenceKey: options.inferenceKey,
    })
    const imagesFile = join(layout.stateDir, 'images.json')
    writeFileSync(imagesFile, JSON.stringify(images.table))

    await progress.step('Starting the cluster', async () => {
      const logFile = join(layout.logsDir, 'cluster.log')
      const [port = 0] = await freePorts(1)
      const cluster = supervise(
        {
          name: 'cluster',
          command: process.execPath,
          args: [
            ...['--import', 'tsx', join(root, 'server/lab/demo/run-cluster.ts')],
            ...['--port', String(port), '--state', layout.clusterDir],
            ...['--manifests', layout.overlayDir, '--images', imagesFile],
            ...['--kubeconfig', layout.kubeconfig],
          ],
          cwd: root,
          env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production' },
          logFile,
        },
        {
          restart: false,
          onExit: (reason) =>
            failed.abort(new Error(`The cluster ended (${reason}): ${logFile} says why.`)),
          onStart: leash.hold,
        },
      )
      stops.push(() => cluster.stop())
      await waitForAnswer(`https://127.0.0.1:${port}/readyz`, logFile, aborted)
      await waitForFile(layout.kubeconfig, aborted)
    })

    const kube = connectKube({ kubeconfig: layout.kubeconfig, signal: aborted })
    const [, env] = await Promise.all([
      options.dev || layout.images
        ? undefined
        : ensureWeb(layout, 'Building the web, the first time only', {
            progress,
            leash,
            signal: aborted,
          }),
      webEnvironment(kube, layout, {
        port: options.port,
        dev: options.dev,
        databaseUrl: postgres.url,
        env: options.webEnv,
      }),
    ])
    aborted.throwIfAborted()

    const url = env.NEXTAUTH_URL ?? `http://localhost:${options.port}`
    await progress.step(
      'Starting the web and waiting for controller, gateway and engine',
      async () => {
        const logFile = join(layout.logsDir, 'web.log')
        const { node, args, cwd } = commandOf(layout, 'bindery')
        const web = supervise(
          {
            name: 'web',
            command: node,
            args: ['--enable-source-maps', ...args, 'web'],
            cwd,
            env,
            logFile,
          },
          {
            restart: true,
            onExit: (reason) => out.write(`  The web ended (${reason}) and is started again.\n`),
            onStart: (pid) => {
              leash.hold(pid)
              writeFileSync(layout.webPid, String(pid))
            },
          },
        )
        stops.push(() => web.stop())
        if (options.dev) {
          const watcher = await watchServer(root, layout.bundleDir, () => {
            out.write('  The processes changed and are started again.\n')
            web.restart()
            reloadPods(kube).catch((error) => out.write(`  ${error}\n`))
          })
          stops.push(() => watcher.stop())
        }
        const health = `http://127.0.0.1:${options.port}/api/health`
        await waitForAnswer(health, logFile, aborted, new URL(url).host)
      },
    )

    out.write(welcome(url, layout.kubeconfig, env.DEMO_PEOPLE !== undefined))
    const ended = new Promise<void>((resolve, reject) => {
      const end = () => {
        out.write('\nStopping …\n')
        stopAll().then(
          () => (failed.signal.aborted ? reject(failed.signal.reason) : resolve()),
          reject,
        )
      }
      if (aborted.aborted) end()
      else aborted.addEventListener('abort', end, { once: true })
    })
    return { url, ended }
  } catch (error) {
    await stopAll()
    throw failed.signal.aborted ? failed.signal.reason : error
  }
}

function welcome(url: string, kubeconfig: string, demoPeople: boolean): string {
  const who = people.map(({ name, role, groups }) => `    ${name}, ${role} (${groups[0]})`)
  return [
    '',
    `  Bindery is at ${url}`,
    ...(demoPeople ? ['', '  Sign in as', ...who] : []),
    '',
    `  kubectl --kubeconfig ${kubeconfig} get modelservices,modelbindings,taskruns -A`,
    '  Ctrl-C stops everything.',
    '',
    '',
  ].join('\n')
}
