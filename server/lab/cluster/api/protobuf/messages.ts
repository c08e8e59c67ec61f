/**
 * Field numbers of the messages that kubectl sends, from Kubernetes' generated.proto files.
 * A field is `number name type`; `*` means repeated, `map:type` a map from strings. Types that begin with a capital
 * letter are messages of this table.
 */
export const messages: Record<string, string> = {
  Unknown: '1 typeMeta TypeMeta, 2 raw bytes, 3 contentEncoding string, 4 contentType string',
  TypeMeta: '1 apiVersion string, 2 kind string',
  ObjectMeta:
    '1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string, 6 resourceVersion string, 7 generation int, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int, 11 labels map:string, 12 annotations map:string, 13 ownerReferences *OwnerReference, 14 finalizers *string',
  OwnerReference:
    '1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool, 7 blockOwnerDeletion bool',
  DeleteOptions:
    '1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy string, 5 dryRun *string',
  Preconditions: '1 uid string, 2 resourceVersion string',
  LabelSelector: '1 matchLabels map:string, 2 matchExpressions *LabelSelectorRequirement',
  LabelSelectorRequirement: '1 key string, 2 operator string, 3 values *string',
  Namespace: '1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus',
  NamespaceSpec: '1 finalizers *string',
  NamespaceStatus: '1 phase string',
  ConfigMap: '1 metadata ObjectMeta, 2 data map:string, 3 binaryData map:base64, 4 immutable bool',
  Secret:
    '1 metadata ObjectMeta, 2 data map:base64, 3 type string, 4 stringData map:string, 5 immutable bool',
  ServiceAccount:
    '1 metadata ObjectMeta, 2 secrets *ObjectReference, 3 imagePullSecrets *LocalObjectReference, 4 automountServiceAccountToken bool',
  ObjectReference:
    '1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string',
  LocalObjectReference: '1 name string',
  ResourceQuota: '1 metadata ObjectMeta, 2 spec ResourceQuotaSpec, 3 status Empty',
  ResourceQuotaSpec: '1 hard map:Quantity, 2 scopes *string',
  Empty: '',
  Service: '1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus',
  ServiceStatus: '1 loadBalancer Empty',
  ServiceSpec:
    '1 ports *ServicePort, 2 selector map:string, 3 clusterIP string, 4 type string, 5 externalIPs *string, 7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges *string, 10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, 18 clusterIPs *string, 19 ipFamilies *string, 17 ipFamilyPolicy string, 22 internalTrafficPolicy string',
  ServicePort:
    '1 name string, 2 protocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int, 6 appProtocol string',
  IntOrString: '1 type int, 2 intVal int, 3 strVal string',
  Quantity: '1 string string',
  Time: '1 seconds int, 2 nanos int',
  Deployment: '1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status Empty',
  DeploymentSpec:
    '1 replicas int, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy, 5 minReadySeconds int, 6 revisionHistoryLimit int, 7 paused bool, 9 progressDeadlineSeconds int',
  DeploymentStrategy: '1 type string, 2 rollingUpdate RollingUpdate',
  RollingUpdate: '1 maxUnavailable IntOrString, 2 maxSurge IntOrString',
  PodTemplateSpec: '1 metadata ObjectMeta, 2 spec PodSpec',
  PodSpec:
    '2 containers *Container, 3 restartPolicy string, 4 terminationGracePeriodSeconds int, 5 activeDeadlineSeconds int, 6 dnsPolicy string, 7 nodeSelector map:string, 8 serviceAccountName string, 9 serviceAccount string, 10 nodeName string, 11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool, 14 securityContext Empty, 16 hostname string, 17 subdomain string, 19 schedulerName string, 24 priorityClassName string',
  Container:
    '1 name string, 2 image string, 3 command *string, 4 args *string, 5 workingDir string, 6 ports *ContainerPort, 7 env *EnvVar, 8 resources ResourceRequirements, 13 terminationMessagePath string, 14 imagePullPolicy string, 16 stdin bool, 17 stdinOnce bool, 18 tty bool, 20 terminationMessagePolicy string',
  ContainerPort:
    '1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string',
  EnvVar: '1 name string, 2 value string',
  ResourceRequirements: '1 limits map:Quantity, 2 requests map:Quantity',
  Job: '1 metadata ObjectMeta, 2 spec JobSpec, 3 status Empty',
  JobSpec:
    '1 parallelism int, 2 completions int, 3 activeDeadlineSeconds int, 4 selector LabelSelector, 5 manualSelector bool, 6 template PodTemplateSpec, 7 backoffLimit int',
  CronJob: '1 metadata ObjectMeta, 2 spec CronJobSpec, 3 status Empty',
  CronJobSpec:
    '1 schedule string, 2 startingDeadlineSeconds int, 3 concurrencyPolicy string, 4 suspend bool, 5 jobTemplate JobTemplateSpec, 6 successfulJobsHistoryLimit int, 7 failedJobsHistoryLimit int',
  JobTemplateSpec: '1 metadata ObjectMeta, 2 spec JobSpec',
  Role: '1 metadata ObjectMeta, 2 rules *PolicyRule',
  ClusterRole: '1 metadata ObjectMeta, 2 rules *PolicyRule, 3 aggregationRule AggregationRule',
  AggregationRule: '1 clusterRoleSelectors *LabelSelector',
  PolicyRule:
    '1 verbs *string, 2 apiGroups *string, 3 resources *string, 4 resourceNames *string, 5 nonResourceURLs *string',
  RoleBinding: '1 metadata ObjectMeta, 2 subjects *Subject, 3 roleRef RoleRef',
  ClusterRoleBinding: '1 metadata ObjectMeta, 2 subjects *Subject, 3 roleRef RoleRef',
  Subject: '1 kind string, 2 apiGroup string, 3 name string, 4 namespace string',
  RoleRef: '1 apiGroup string, 2 kind string, 3 name string',
  PodDisruptionBudget:
    '1 metadata ObjectMeta, 2 spec PodDisruptionBudgetSpec, 3 status DisruptionStatus',
  PodDisruptionBudgetSpec:
    '1 minAvailable IntOrString, 2 selector LabelSelector, 3 maxUnavailable IntOrString',
  DisruptionStatus:
    '1 observedGeneration int, 3 disruptionsAllowed int, 4 currentHealthy int, 5 desiredHealthy int, 6 expectedPods int',
  PriorityClass:
    '1 metadata ObjectMeta, 2 value int, 3 globalDefault bool, 4 description string, 5 preemptionPolicy string',
  Eviction: '1 metadata ObjectMeta, 2 deleteOptions DeleteOptions',
  SelfSubjectAccessReview:
    '1 metadata ObjectMeta, 2 spec AccessReviewSpec, 3 status AccessReviewStatus',
  SubjectAccessReview:
    '1 metadata ObjectMeta, 2 spec AccessReviewSpec, 3 status AccessReviewStatus',
  LocalSubjectAccessReview:
    '1 metadata ObjectMeta, 2 spec AccessReviewSpec, 3 status AccessReviewStatus',
  AccessReviewSpec:
    '1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes, 3 user string, 4 groups *string, 6 uid string',
  AccessReviewStatus: '1 allowed bool, 2 reason string, 3 evaluationError string, 4 denied bool',
  ResourceAttributes:
    '1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string',
  NonResourceAttributes: '1 path string, 2 verb string',
  SelfSubjectRulesReview:
    '1 metadata ObjectMeta, 2 spec RulesReviewSpec, 3 status RulesReviewStatus',
  RulesReviewSpec: '1 namespace string',
  RulesReviewStatus: '3 incomplete bool, 4 evaluationError string',
  SelfSubjectReview: '1 metadata ObjectMeta, 2 status SelfSubjectReviewStatus',
  SelfSubjectReviewStatus: '1 userInfo Empty',
  TokenRequest: '1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status TokenRequestStatus',
  TokenRequestSpec:
    '1 audiences *string, 3 boundObjectRef BoundObjectReference, 4 expirationSeconds int',
  TokenRequestStatus: '1 token string, 2 expirationTimestamp Time',
  BoundObjectReference: '1 kind string, 2 apiVersion string, 3 name string, 4 uid string',
}
