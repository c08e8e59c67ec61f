import { defineConfig } from 'vitest/config'

/** `npm run test:contract`: against the embedded cluster, or against the cluster that KUBECONFIG names. */
export default defineConfig({
  test: {
    include: ['server/lab/cluster/contract/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
})
