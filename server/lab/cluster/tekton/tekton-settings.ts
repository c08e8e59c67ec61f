/** The revision of Tekton Pipelines (v1.15.0) whose behaviour is followed; stands on runs and pods. */
export const tektonRelease = '70f7308'

/** Images that Tekton's own containers run from. */
export const entrypointImage = 'localhost/tekton-entrypoint:1'
export const nopImage = 'localhost/tekton-nop:1'
export const workingDirImage = 'localhost/tekton-workingdirinit:1'
export const shellImage = 'localhost/busybox:1'
/** As Tekton ships its own: it does not run as root. */
export const userShellImage = 'localhost/tekton-shell:1'

export const releaseAnnotation = 'pipeline.tekton.dev/release'
export const readyAnnotation = 'tekton.dev/ready'
export const lastAppliedAnnotation = 'kubectl.kubernetes.io/last-applied-configuration'

/** What a TaskRun's provenance says of how its controller is set. */
export const featureFlags = {
  awaitSidecarReadiness: true,
  coschedule: 'workspaces',
  enableAPIFields: 'beta',
  enableProvenanceInStatus: true,
  enforceNonfalsifiability: 'none',
  maxResultSize: 4096,
  resultExtractionMethod: 'termination-message',
  runningInEnvWithInjectedSidecars: true,
  sendCloudEventsForRuns: true,
  verificationNoMatchPolicy: 'ignore',
}
