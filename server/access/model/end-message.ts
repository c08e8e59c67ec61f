import type { End } from './model-binding.ts'

/** Who ends access where no person did. */
export const controllerActor = 'bindery:controller'

export function endMessage(end: Pick<End, 'reason' | 'by' | 'comment'>): string {
  const said = end.comment ? ` ${end.comment}` : ''
  switch (end.reason) {
    case 'Revoked':
      return `Revoked by ${end.by}.${said}`
    case 'Released':
      return `Given back by ${end.by === controllerActor ? 'the tenant' : end.by}.${said}`
    case 'Expired':
      return 'The granted time is over.'
    case 'Deleted':
      return 'The binding was deleted.'
    case 'ServiceDeleted':
      return 'The model service was deleted.'
  }
}
