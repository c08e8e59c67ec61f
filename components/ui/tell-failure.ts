/** Says in the corner that something was not done. */
export async function tellFailure(words: string): Promise<void> {
  const { toast } = await import('sonner')
  toast.error(words)
}
