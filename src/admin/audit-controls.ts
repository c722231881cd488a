// Which controls of which frameworks a piece of evidence speaks to. It is evidence: whether a control is met, an auditor says.

export const evidenceIds = [
  "administrators",
  "roles",
  "keys",
  "credentials",
  "trail",
  "keys_past_rotation",
  "keys_never_used",
  "keys_unused",
  "keys_expired_not_revoked",
  "keys_without_limits",
  "administrators_unused",
  "administrators_expired_not_revoked",
  "administrators_without_second_factor",
  "privileges_unused",
  "credentials_old",
  "credentials_expired",
] as const;
export type EvidenceId = (typeof evidenceIds)[number];

export interface Control {
  readonly framework: "SOC 2" | "ISO/IEC 27001:2022" | "PCI DSS 4.0.1";
  readonly id: string;
  /** What it is about, in our words. */
  readonly about: string;
  readonly evidence: readonly EvidenceId[];
}

const soc2 = (id: string, about: string, evidence: readonly EvidenceId[]): Control => ({
  framework: "SOC 2",
  id,
  about,
  evidence,
});
const iso = (id: string, about: string, evidence: readonly EvidenceId[]): Control => ({
  framework: "ISO/IEC 27001:2022",
  id,
  about,
  evidence,
});
const pci = (id: string, about: string, evidence: readonly EvidenceId[]): Control => ({
  framework: "PCI DSS 4.0.1",
  id,
  about,
  evidence,
});

export const controls: readonly Control[] = [
  soc2("CC6.1", "access to systems and secrets is restricted", ["administrators", "roles", "keys", "credentials"]),
  soc2("CC6.2", "access is given to whom it is approved for, and taken away when it ends", [
    "administrators",
    "keys_expired_not_revoked",
    "administrators_expired_not_revoked",
    "trail",
  ]),
  soc2("CC6.3", "access follows roles, least privilege and separation of duties", [
    "roles",
    "privileges_unused",
    "keys_unused",
    "administrators_unused",
  ]),
  soc2("CC6.6", "access from outside is protected, by more than one factor where it matters", [
    "administrators_without_second_factor",
    "keys_without_limits",
  ]),
  soc2("CC7.2", "what happens is watched for what should not", ["trail"]),
  iso("A.5.15", "access control", ["roles", "keys"]),
  iso("A.5.16", "identities over their whole life", ["administrators", "administrators_expired_not_revoked"]),
  iso("A.5.17", "secrets that authenticate", ["keys_past_rotation", "credentials", "credentials_old"]),
  iso("A.5.18", "access rights are given, reviewed and removed", [
    "keys_never_used",
    "keys_unused",
    "keys_expired_not_revoked",
    "administrators_unused",
  ]),
  iso("A.8.2", "privileged access", ["administrators", "privileges_unused"]),
  iso("A.8.5", "secure authentication", ["administrators_without_second_factor"]),
  iso("A.8.15", "logs that are kept and protected", ["trail"]),
  iso("A.8.24", "cryptographic keys over their whole life", ["credentials", "credentials_old", "credentials_expired"]),
  pci("7.2.1", "an access model by job and least privilege", ["roles"]),
  pci("7.2.4", "accounts and their privileges are reviewed at least every six months", [
    "administrators",
    "keys",
    "privileges_unused",
  ]),
  pci("7.2.5", "accounts of applications have the least privileges", ["keys", "keys_without_limits"]),
  pci("8.2.5", "access of those who left is revoked at once", [
    "administrators_expired_not_revoked",
    "keys_expired_not_revoked",
  ]),
  pci("8.2.6", "accounts unused for 90 days are removed or disabled", [
    "administrators_unused",
    "keys_unused",
    "keys_never_used",
  ]),
  pci("8.4.1", "administrators use more than one factor", ["administrators_without_second_factor"]),
  pci("8.6.3", "secrets of applications are changed periodically", ["keys_past_rotation", "credentials_old"]),
  pci("10.2.1", "audit logs are on, administrators' actions and refused access among them", ["trail"]),
  pci("10.3.2", "audit logs can't be changed", ["trail"]),
  pci("10.3.4", "changes of audit logs are noticed", ["trail"]),
];
