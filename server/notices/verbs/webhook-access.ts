/** No kind of the cluster: a name that RBAC knows, as the trail's own is. */
export const webhookResource = 'webhooks.bindery.dev'
