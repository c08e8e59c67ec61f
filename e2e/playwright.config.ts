import { join } from 'node:path'
import { defineConfig } from '@playwright/test'
import { baseURL, imagesDir, isForeign, ownPort, ownState } from './support/address.ts'
import { chromiumPath } from './support/chromium.ts'

const root = join(import.meta.dirname, '..')

/** What looks at pages and routes; what is left goes through stories, and kills parts of the product. */
const pages =
  /(accessibility|answers|audit|code-run|firefox|installation|isolation|oidc|vote)\.spec\.ts/

/** What ships is what is tested: `npm test` has laid it out before, and the build put out of reach. */
const layOut = process.env.DEMO_IMAGES
  ? ''
  : `npm run build && npm run image -- ${imagesDir} all && `

export default defineConfig({
  testDir: '.',
  outputDir: join(root, 'test-results/browser'),
  // The tests share one cluster, and some of them kill parts of it.
  workers: 1,
  fullyParallel: false,
  retries: 0,
  forbidOnly: true,
  // A wait ends when what it waits for is there; these only end what never will, also on a slow machine.
  timeout: 300_000,
  expect: { timeout: 60_000 },
  reporter: 'list',
  // Two halves, which `npm test` runs side by side, each with a demo of its own. To somebody else's installation one
  // story is told: the others empty tables, kill processes or know the demo's people.
  projects: isForeign
    ? [{ name: 'installation', testMatch: 'installation.spec.ts' }]
    : [
        { name: 'pages', testMatch: pages },
        { name: 'story', testIgnore: pages },
      ],
  use: {
    baseURL,
    browserName: 'chromium',
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    contextOptions: { reducedMotion: 'reduce' },
    locale: 'en-US',
    viewport: { width: 1440, height: 900 },
    launchOptions: {
      executablePath: chromiumPath(),
      // On most desktops they take room; a browser without windows hides them, and with them what they break.
      ignoreDefaultArgs: ['--hide-scrollbars'],
      args: [
        '--no-sandbox',
        '--disable-dev-shm-usage',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
  webServer: process.env.BASE_URL
    ? undefined
    : {
        command: `${layOut}npm run demo -- --state ${ownState} --images ${imagesDir}`,
        cwd: root,
        url: `${baseURL}/api/health`,
        env: { PORT: String(ownPort), UNWATCHED_STOP_SECONDS: '60' },
        reuseExistingServer: false,
        timeout: 600_000,
        stdout: 'pipe',
        gracefulShutdown: { signal: 'SIGTERM', timeout: 20_000 },
      },
})
