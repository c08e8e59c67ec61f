import { randomInt } from 'node:crypto'
import type { ContainerFields, VolumeMount } from '#server/lab/cluster/tekton/task-types.ts'
import { shellImage } from '#server/lab/cluster/tekton/tekton-settings.ts'

type Scripted = ContainerFields & { name: string; script?: string }
export type PlacedScripts<T> = { containers: T[]; shell: string }

export const scriptsVolume = 'tekton-internal-scripts'
const scriptsDir = '/tekton/scripts'
const suffixLetters = 'bcdfghjklmnpqrstvwxz2456789'

/** Turns scripts into commands; `shell` is what an init container runs to put them in place. */
export function placeScripts<T extends Scripted>(
  containers: T[],
  prefix: string,
): PlacedScripts<T> {
  let shell = ''
  const placed = containers.map((container, index) => {
    const { script, ...rest } = container
    if (!script) return container
    const file = `${scriptsDir}/${prefix}-${index}-${randomSuffix()}`
    const text = script.trim().startsWith('#!') ? script : `#!/bin/sh\nset -e\n${script}`
    // Base64, because a container's arguments have variables of their own.
    shell += [
      `scriptfile="${file}"`,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's variable
      'touch ${scriptfile} && chmod +x ${scriptfile}',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's variable
      "cat > ${scriptfile} << '_EOF_'",
      Buffer.from(text).toString('base64'),
      '_EOF_',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's variable
      '/tekton/bin/entrypoint decode-script "${scriptfile}"',
      '',
    ].join('\n')
    const mount: VolumeMount = { name: scriptsVolume, readOnly: true, mountPath: scriptsDir }
    // The remaining fields are those of T, and a script's container is one without a script.
    return {
      ...rest,
      command: [file],
      volumeMounts: [...(container.volumeMounts ?? []), mount],
    } as T
  })
  return { containers: placed, shell }
}

/** The init container that writes the scripts. */
export function placeScriptsContainer(shell: string): Record<string, unknown> {
  return {
    name: 'place-scripts',
    image: shellImage,
    command: ['sh'],
    args: ['-c', shell],
    volumeMounts: [
      { name: scriptsVolume, mountPath: scriptsDir },
      { name: 'tekton-internal-bin', mountPath: '/tekton/bin' },
    ],
  }
}

function randomSuffix(): string {
  return Array.from({ length: 5 }, () => suffixLetters[randomInt(suffixLetters.length)]).join('')
}
