/** How far back the numbers of a ring look, in seconds. */
export const ringWindows = { '15m': 900, '1h': 3_600, '24h': 86_400, '7d': 604_800 } as const
export type RingWindow = keyof typeof ringWindows
