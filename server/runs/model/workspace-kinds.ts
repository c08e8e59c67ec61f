import type { WorkspaceChoice } from './start-run-schema.ts'

/** What a form offers, in this order. */
export const workspaceKindNames = [
  'emptyDir',
  'persistentVolumeClaim',
  'configMap',
  'secret',
] as const satisfies WorkspaceChoice['kind'][]
