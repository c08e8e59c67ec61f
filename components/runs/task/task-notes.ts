/** Which of the notes of `/changes` are about a Task. */
export const taskNotes: Record<
  string,
  readonly ('sealed' | 'alias' | 'tekton' | 'retries' | 'slices' | 'cosign')[]
> = {
  'bind-namespace': ['sealed', 'alias', 'slices'],
  'unbind-namespace': ['alias'],
  'start-vibethinker-service': ['tekton', 'retries', 'cosign'],
}
