export const ownPort = 3999

/** Where the product is; without BASE_URL, the demo that is started for the tests. */
export const baseURL = process.env.BASE_URL ?? `http://localhost:${ownPort}`
