import { defineConfig } from 'vitest/config'

/** `npx vitest run --root . --config server/vitest.config.ts`; the contract suite has a configuration of its own. */
export default defineConfig({
  test: {
    include: ['server/**/*.test.ts', 'components/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', 'server/lab/cluster/contract/**'],
    globalSetup: ['server/testing/start-test-postgres.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A wait ends when what it waits for is there; these only end what never will, also on a slow machine.
    testTimeout: 90_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 30_000 } },
  },
})
