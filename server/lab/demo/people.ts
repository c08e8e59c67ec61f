/** Who can sign in to the demo. What each may do comes from the RoleBindings of manifests/overlays/embedded alone. */
export const people = [
  {
    id: 'ada',
    name: 'Ada Okafor',
    role: 'researcher',
    groups: ['research-team-a'],
  },
  {
    id: 'bo',
    name: 'Bo Lindqvist',
    role: 'researcher',
    groups: ['research-team-b'],
  },
  {
    id: 'lin',
    name: 'Lin Yue',
    role: 'lecturer',
    groups: ['lecture-hall'],
  },
  {
    id: 'grace',
    name: 'Grace Moreau',
    role: 'admin',
    groups: ['bindery-admins'],
  },
] as const
