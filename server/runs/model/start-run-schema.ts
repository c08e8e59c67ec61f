import { z } from 'zod'
import '#server/platform/model/zod-without-eval.ts'

const text = z.string().max(4096)
const objectName = z
  .string()
  .max(253)
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'is not a name')

export const whySchema = z.strictObject({ why: z.string().trim().max(500).default('') })

/** What a workspace of a run is. Of a Secret only the name is known here: the pod gets it from the kubelet, and we may not read it. */
const workspaceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('emptyDir') }),
  z.strictObject({ kind: z.literal('persistentVolumeClaim'), name: objectName }),
  z.strictObject({ kind: z.literal('configMap'), name: objectName }),
  z.strictObject({ kind: z.literal('secret'), name: objectName }),
])
export type WorkspaceChoice = z.infer<typeof workspaceSchema>

/** What is done to everybody is not done without a word. */
export const promoteSchema = z.strictObject({ why: z.string().trim().min(1, 'say why').max(500) })

/** The body that starts a run by hand; which parameters and workspaces there are is the Task's to say. */
export const startRunSchema = z.strictObject({
  task: z.string().min(1).max(253),
  params: z
    .record(z.string().max(253), z.union([text, z.array(text).max(200), z.record(text, text)]))
    .default({}),
  workspaces: z.record(z.string().max(253), workspaceSchema).default({}),
  why: z.string().trim().min(1, 'say why').max(500),
})
export type StartRunBody = z.infer<typeof startRunSchema>
