// The package's entry also ships as index.ts, which a TypeScript loader would choose and cannot load.
import jsonPatch from 'fast-json-patch/commonjs/core.js'
import { badRequest, StatusError } from '#server/lab/cluster/api/status.ts'

const operationsMax = 10_000

/** JSON patch, RFC 6902, on a copy. */
export function applyJsonPatch(target: object, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw badRequest(
      'error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch',
    )
  if (patch.length > operationsMax)
    throw new StatusError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${operationsMax}, got ${patch.length}`,
    )
  try {
    return jsonPatch.applyPatch(structuredClone(target), patch, true, true, true).newDocument
  } catch (error) {
    if (!(error instanceof jsonPatch.JsonPatchError)) throw error
    throw new StatusError(
      422,
      'Invalid',
      'the server rejected our request due to an error in our request',
      {},
    )
  }
}
