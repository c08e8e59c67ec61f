/** The demo that is started for the tests: suites that run side by side have one each. */
export const ownPort = Number(process.env.DEMO_PORT ?? 3999)
export const ownState = process.env.DEMO_STATE ?? '.bindery/e2e'

/** Where the product is; without BASE_URL, the demo that is started for the tests. */
export const baseURL = process.env.BASE_URL ?? `http://localhost:${ownPort}`
