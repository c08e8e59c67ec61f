type Used = { requests: number; tokens: number }

/** What a binding used, as the gateway counted it: since midnight UTC, as its quota counts, and in the last seven days. */
export type BindingUsageView = { today: Used; week: Used }
