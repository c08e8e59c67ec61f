import { fileURLToPath } from 'node:url'
import { busyboxImage, digestOf, type ImageTable } from '#server/lab/cluster/images/image-table.ts'
import { entrypointImage, nopImage, userShellImage, workingDirImage } from './tekton-settings.ts'

/** The images of Tekton's own containers; shells of scripts run from busybox's, or where root is refused from its own. */
export function tektonImages(): ImageTable {
  const user = { uid: 65532, gid: 0 }
  return {
    [entrypointImage]: {
      digest: digestOf('tekton-entrypoint'),
      entrypoint: ['/ko-app/entrypoint'],
      files: { '/ko-app/entrypoint': program('entrypoint.mjs') },
      env: { TEKTON_STEPS_DIR: '/tekton/steps' },
      user,
    },
    [nopImage]: {
      digest: digestOf('tekton-nop'),
      entrypoint: ['/ko-app/nop'],
      files: { '/ko-app/nop': program('nop.sh') },
      // Whatever command a sidecar had is not found in it: so it ends.
      scratch: true,
      user,
    },
    [userShellImage]: { ...busyboxImage(), digest: digestOf('tekton-shell'), user },
    [workingDirImage]: {
      digest: digestOf('tekton-workingdirinit'),
      entrypoint: ['/ko-app/workingdirinit'],
      files: { '/ko-app/workingdirinit': program('workingdirinit.sh') },
      user,
    },
  }
}

function program(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url))
}
