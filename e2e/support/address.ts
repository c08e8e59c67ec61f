import { resolve } from 'node:path'

/** The demo that is started for the tests: suites that run side by side have one each. */
export const ownPort = Number(process.env.DEMO_PORT ?? 3999)
export const ownState = process.env.DEMO_STATE ?? '.bindery/e2e'
/** Where the images are laid out that the demo runs, each in a folder of its own (`npm run image -- DIR all`). */
export const imagesDir = resolve(process.env.DEMO_IMAGES ?? '.bindery/images')

/** Where the product is; without BASE_URL, the demo that is started for the tests. */
export const baseURL = process.env.BASE_URL ?? `http://localhost:${ownPort}`

/** Somebody's own installation: it is checked from outside, and nothing in it is killed, emptied or changed. */
export const isForeign = process.env.BASE_URL !== undefined && process.env.DEMO_STATE === undefined

/** Where nobody can be chosen at sign-in: files with the cookies of two people who have signed in (INSTALL.md). */
export const signedIn = { ada: process.env.RESEARCHER_STATE, grace: process.env.ADMIN_STATE }
