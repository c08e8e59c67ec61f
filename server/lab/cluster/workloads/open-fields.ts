import type { KubeObject } from '#server/lab/cluster/client.ts'

/** A part of an object whose shape the API's schema has checked already: open JSON, as in KubeObject. */
export type Fields = Record<string, KubeObject['spec']>
