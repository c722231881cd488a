// What operators ask of a gateway that serves: paths of the admin surface, and what they are called here.

const month = new Date().toISOString().slice(0, 7);
const year = `from=${new Date(Date.now() - 365 * 86_400_000).toISOString().slice(0, 10)}`;

export const reads: readonly (readonly [name: string, path: string])[] = [
  ["usage of 30 days, in all", "/admin/v1/usage"],
  ["usage of a year by day and model", `/admin/v1/usage?${year}&group_by=day,model`],
  ["usage of a year by key", `/admin/v1/usage?${year}&group_by=key`],
  ["usage of a year by hour, CSV", `/admin/v1/usage?${year}&group_by=hour&format=csv`],
  ["usage of a month by hour and customer", "/admin/v1/usage?group_by=hour,customer"],
  ["usage of 30 days by a label of keys", "/admin/v1/usage?group_by=metadata.team"],
  ["invoices of this month", `/admin/v1/invoices?month=${month}`],
  ["invoices of this month by key, CSV", `/admin/v1/invoices?month=${month}&group_by=key&format=csv`],
  ["the invoice of one customer", `/admin/v1/invoices?month=${month}&customer=customer_7`],
  ["a page of the ledger", "/admin/v1/ledger?limit=1000"],
  ["a customer's credits", "/admin/v1/customers/customer_0/credits"],
  ["1,000 customers", "/admin/v1/customers"],
  ["1,000 keys", "/admin/v1/keys?limit=1000"],
  ["keys searched for in vain", "/admin/v1/keys?q=nothing-like-it"],
  ["keys by a label", "/admin/v1/keys?metadata.team=team_7&limit=1000"],
  ["refusals", "/admin/v1/refusals"],
  ["alerts", "/admin/v1/alerts"],
  ["models", "/admin/v1/models"],
  ["providers", "/admin/v1/providers"],
  ["1,000 entries of the trail", "/admin/v1/audit?limit=1000"],
  ["the trail searched for in vain", "/admin/v1/audit?q=nothing-like-it"],
  ["the trail taken out, CSV", "/admin/v1/audit/export?format=csv"],
  ["the trail taken out, OCSF", "/admin/v1/audit/export?format=ocsf"],
  ["the trail verified", "/admin/v1/audit/verify"],
  ["evidence for auditors", "/admin/v1/audit/report"],
  ["the document of the admin surface", "/admin/v1/openapi.json"],
  ["metrics", "/metrics"],
];
