import type { ControlMapping } from '../findings/control.ts';

/**
 * The controls of published standards that checks support: one constant a control, with its official
 * source. Only texts that were read are listed. `docs/controls.md` says from which copy each text was read.
 * The version is data: it is no part of what names a control in findings, so that a new edition of a standard does not
 * look like other controls.
 */

/** Texts: kube-bench cfg/eks-1.8.0, kubescape/regolibrary frameworks/cis-eks-t1.8.0.json; both agree. */
const cisEks = (control: string, section: number, recommendation: number): ControlMapping => ({
  framework: 'CIS Amazon EKS Benchmark',
  version: '1.8.0',
  control,
  source: `https://workbench.cisecurity.org/sections/${section}/recommendations/${recommendation}`,
});

/** Minimize the admission of containers wishing to share the host network namespace. */
export const CIS_EKS_4_2_4 = cisEks('4.2.4', 3151609, 5148206);
/** Ensure CNI plugin supports network policies: ingress and egress, else traffic cannot be restricted. */
export const CIS_EKS_4_3_1 = cisEks('4.3.1', 3151611, 5148208);
/** Ensure that all namespaces have network policies defined: without one all traffic in and out is allowed. */
export const CIS_EKS_4_3_2 = cisEks('4.3.2', 3151611, 5148210);
/** Ensure image vulnerability scanning using Amazon ECR image scanning or a third party provider. */
export const CIS_EKS_5_1_1 = cisEks('5.1.1', 3151602, 5148175);
/** Prefer using dedicated EKS service accounts: workloads should not act with the role of their node. */
export const CIS_EKS_5_2_1 = cisEks('5.2.1', 3151605, 5148183);
/** Ensure network policy is enabled and set as appropriate: a policy without an engine has no effect. */
export const CIS_EKS_5_4_4 = cisEks('5.4.4', 3151607, 5148196);

/** Short, as its headings are, since Security Hub takes names of 64 characters at most. */
const NSA_CISA = 'NSA-CISA Kubernetes Hardening';

/**
 * The guide numbers nothing: the heading is the control, shortened where it is long. The whole text was read in version 1.0; that 1.2
 * has the section and asks the same was read in CISA's own lab on 1.2 (cisagov/prescup-challenges),
 * in Google's policy bundle for 1.2 (GoogleCloudPlatform/gke-policy-library) and in ATT&CK, which cites 1.2.
 */
const nsaCisa = (control: string): ControlMapping => ({
  framework: NSA_CISA,
  version: '1.2',
  control,
  source:
    'https://media.defense.gov/2022/Aug/29/2003066362/-1/-1/0/CTR_KUBERNETES_HARDENING_GUIDANCE_1.2_20220829.PDF',
});

/** Run as a user other than root, by `runAsUser` or by the image. */
export const NSA_CISA_NON_ROOT = nsaCisa('Non-root containers');
/** Whoever runs code in a container can download scripts and modify the application: lock the file system. */
export const NSA_CISA_IMMUTABLE = nsaCisa('Immutable container file systems');
/** Scan images for outdated libraries, known vulnerabilities and misconfigurations. */
export const NSA_CISA_SECURE_IMAGES = nsaCisa('Building secure container images');
/** Deny the features used to break out: hostPID, hostIPC, hostNetwork, paths of the host. */
export const NSA_CISA_POD_SECURITY = nsaCisa('Pod security enforcement');
/** A default policy denies all ingress and egress; further ones allow what is permissible. Needs a plugin. */
export const NSA_CISA_NETWORK_POLICIES = nsaCisa('Network policies');

/** Prevent pods from accessing cloud metadata services. Read in 1.0 alone, so 1.0 is what is cited. */
export const NSA_CISA_CLOUD_METADATA: ControlMapping = {
  framework: NSA_CISA,
  version: '1.0',
  control: 'Sensitive cloud infrastructure',
  source:
    'https://media.defense.gov/2021/Aug/03/2002820425/-1/-1/1/CTR_KUBERNETES%20HARDENING%20GUIDANCE.PDF',
};

/** Texts of section 4, countermeasures: stackrox/stackrox nist_800_190.go (long passages of the publication). */
const nist = (control: string): ControlMapping => ({
  framework: 'NIST SP 800-190',
  version: '2017',
  control,
  source: 'https://doi.org/10.6028/NIST.SP.800-190',
});

/** Image vulnerabilities: visibility over the whole life of an image, run time included. */
export const NIST_4_1_1 = nist('4.1.1');
/** Image configuration defects: images run as non-privileged users, containers in an immutable manner. */
export const NIST_4_1_2 = nist('4.1.2');
/** Stale images in registries: use immutable names of discrete versions, do not trust `latest`. */
export const NIST_4_2_2 = nist('4.2.2');
/** Unbounded network access from containers: control the egress traffic that containers send. */
export const NIST_4_4_2 = nist('4.4.2');
/** App vulnerabilities: read-only root file systems; notice changed binaries and unexpected writes. */
export const NIST_4_4_4 = nist('4.4.4');
/** Rogue containers: every creation of a container is tied to a person and logged. */
export const NIST_4_4_5 = nist('4.4.5');
/** Host file system tampering: containers very rarely mount local file systems of the host. */
export const NIST_4_5_5 = nist('4.5.5');

/** Wording of the requirements: ComplianceAsCode/content controls/pcidss_4.yml (4.0.1). */
const pciDss = (control: string): ControlMapping => ({
  framework: 'PCI DSS',
  version: '4.0.1',
  control,
  source: 'https://docs-prv.pcisecuritystandards.org/PCI%20DSS/Standard/PCI-DSS-v4_0_1.pdf',
});

/** All services, protocols and ports allowed are identified, approved, and have a business need. */
export const PCI_DSS_1_2_5 = pciDss('1.2.5');
/** Insecure services, protocols and ports have security features that mitigate their risk. */
export const PCI_DSS_1_2_6 = pciDss('1.2.6');
/** Configurations of network security controls are kept consistent with what is active. */
export const PCI_DSS_1_2_8 = pciDss('1.2.8');
/** Outbound traffic from the cardholder data environment is restricted to what is necessary. */
export const PCI_DSS_1_3_2 = pciDss('1.3.2');
/** Insecure services, protocols or daemons have a documented business justification, and their risk is reduced. */
export const PCI_DSS_2_2_5 = pciDss('2.2.5');
/** System security parameters are configured to prevent misuse. */
export const PCI_DSS_2_2_6 = pciDss('2.2.6');
/** An inventory of third-party software components is maintained. */
export const PCI_DSS_6_3_2 = pciDss('6.3.2');
/** Components are protected from known vulnerabilities by installing applicable patches. */
export const PCI_DSS_6_3_3 = pciDss('6.3.3');
/** Changes in the production environment are made according to established procedures. */
export const PCI_DSS_6_5_1 = pciDss('6.5.1');
/** Internal vulnerability scans are performed. */
export const PCI_DSS_11_3_1 = pciDss('11.3.1');
/** A change-detection mechanism is deployed. */
export const PCI_DSS_11_5_2 = pciDss('11.5.2');

/** Full English text of APP.4.4 and SYS.1.6: ComplianceAsCode/content controls/bsi_{app_4_4,sys_1_6}.yml. */
const bsi = (control: string): ControlMapping => ({
  framework: 'BSI IT-Grundschutz',
  version: '2022',
  control,
  source:
    'https://www.bsi.bund.de/SharedDocs/Downloads/EN/BSI/Grundschutz/International/bsi_it_gs_comp_2022.pdf',
});

/** Separation of pods: process IDs, IPC, users, file system and network are isolated. */
export const BSI_APP_4_4_A4 = bsi('APP.4.4.A4');
/** Regular restart of pods: no pod should run for more than 24 hours (very high need for protection). */
export const BSI_APP_4_4_A21 = bsi('APP.4.4.A21');
/** Administration and access networks: only the communication necessary for operation is allowed. */
export const BSI_SYS_1_6_A5 = bsi('SYS.1.6.A5');
/** Use of secure images: unique version numbers; newer versions are checked for roll-out. */
export const BSI_SYS_1_6_A6 = bsi('SYS.1.6.A6');
/** Distribution of secure images: metadata make function and history of an image traceable. */
export const BSI_SYS_1_6_A12 = bsi('SYS.1.6.A12');
/** Updating images: it is decided when and how updates are rolled out. */
export const BSI_SYS_1_6_A14 = bsi('SYS.1.6.A14');
/** Limitation of resources per container: volatile and persistent memory among them. */
export const BSI_SYS_1_6_A15 = bsi('SYS.1.6.A15');
/** Running containers without privileges. */
export const BSI_SYS_1_6_A17 = bsi('SYS.1.6.A17');
/** Including data stores: only the storage and directories necessary for operation. */
export const BSI_SYS_1_6_A19 = bsi('SYS.1.6.A19');
/** Extended security policies restrict outgoing connections, and the host enforces or reports. */
export const BSI_SYS_1_6_A21 = bsi('SYS.1.6.A21');
/** Container immutability: no change of the file system at run time, no file system with write permission. */
export const BSI_SYS_1_6_A23 = bsi('SYS.1.6.A23');
/** Host-based attack detection: file system access of containers is monitored. */
export const BSI_SYS_1_6_A24 = bsi('SYS.1.6.A24');

/**
 * Statements of the catalogue in OSCAL: usnistgov/oscal-content, 5.1.1 (baseline HIGH); what no baseline has (SI-14) in its
 * whole catalogue 5.0.1, and CM-5(6), which is the same in both, CM-8 and RA-5 in copies of it.
 */
const nist53 = (control: string): ControlMapping => ({
  framework: 'NIST SP 800-53',
  version: 'r5',
  control,
  source: 'https://doi.org/10.6028/NIST.SP.800-53r5',
});

/** Least privilege, also of processes: none has more than it needs. */
export const NIST_53_AC_6 = nist53('AC-6');
/** Configuration change control: changes are proposed, approved, documented and reviewed. */
export const NIST_53_CM_3 = nist53('CM-3');
/** Access restrictions for change are defined, approved and enforced. */
export const NIST_53_CM_5 = nist53('CM-5');
/** Privileges to change software resident within software libraries are limited. */
export const NIST_53_CM_5_6 = nist53('CM-5(6)');
/** Functions, ports and protocols that are unnecessary or not secure are identified and disabled. */
export const NIST_53_CM_7_1 = nist53('CM-7(1)');
/** An inventory of system components reflects the system, has all of them, and is detailed enough to track and report. */
export const NIST_53_CM_8 = nist53('CM-8');
/** Policies for the installation of software are enforced and monitored. */
export const NIST_53_CM_11 = nist53('CM-11');
/** Vulnerabilities are scanned for, again and again, and when new ones become known. */
export const NIST_53_RA_5 = nist53('RA-5');
/** Network traffic, inbound and outbound, is denied by default and allowed by exception. */
export const NIST_53_SC_7_5 = nist53('SC-7(5)');
/** Security-relevant updates of software are installed within a defined time. */
export const NIST_53_SI_2 = nist53('SI-2');
/** Unauthorized changes to software are detected. */
export const NIST_53_SI_7 = nist53('SI-7');
/** Non-persistent components start in a known state and are terminated periodically. */
export const NIST_53_SI_14 = nist53('SI-14');

/** Statements of the key security indicators: FedRAMP/rules fedramp-consolidated-rules.json, which is their publication. */
const fedramp = (control: string): ControlMapping => ({
  framework: 'FedRAMP 20x',
  version: '2026.07.14.01',
  control,
  source: 'https://github.com/FedRAMP/rules',
});

/** Changes are made by redeploying version controlled resources rather than by direct modification. */
export const FEDRAMP_CMT_RMV = fedramp('KSI-CMT-RMV');
/** Resources have a minimal attack surface, and lateral movement is minimized. */
export const FEDRAMP_CNA_MAT = fedramp('KSI-CNA-MAT');
/** Resources are configured to limit inbound and outbound network traffic. */
export const FEDRAMP_CNA_RNT = fedramp('KSI-CNA-RNT');
/** Configuration is managed by automation, and persistently reviewed for drift. */
export const FEDRAMP_SVC_ACM = fedramp('KSI-SVC-ACM');

/** Names and one sentence of each: prowler-cloud/prowler compliance/aws/iso27001_2022_aws.json; the standard is not public. */
const iso27001 = (control: string): ControlMapping => ({
  framework: 'ISO/IEC 27001',
  version: '2022',
  control,
  source: 'https://www.iso.org/standard/27001',
});

/** Technical vulnerabilities are evaluated, and appropriate measures taken. */
export const ISO_27001_A_8_8 = iso27001('A.8.8');
/** Configurations, also those of security, are established, implemented and monitored. */
export const ISO_27001_A_8_9 = iso27001('A.8.9');
/** The installation of software on operational systems is managed securely. */
export const ISO_27001_A_8_19 = iso27001('A.8.19');
/** Networks are secured, managed and controlled. */
export const ISO_27001_A_8_20 = iso27001('A.8.20');
/** Access to external websites is managed to reduce exposure to malicious content. */
export const ISO_27001_A_8_23 = iso27001('A.8.23');
/** Changes are subject to change management procedures. */
export const ISO_27001_A_8_32 = iso27001('A.8.32');

/**
 * Techniques with their mitigations as MISP/misp-galaxy has them of release 19.0 (clusters/mitre-attack-pattern.json and
 * clusters/mitre-course-of-action.json, af84b199): for each technique cited the same as in the objects of mitre/cti,
 * release 18.1. Release 20.0 could not be read.
 */
const attack = (control: string): ControlMapping => ({
  framework: 'MITRE ATT&CK',
  version: '19.0',
  control,
  source: `https://attack.mitre.org/techniques/${control.replace('.', '/')}`,
});

/** Exploit Public-Facing Application; M1037 restricts outbound traffic of exposed servers. */
export const ATTACK_T1190 = attack('T1190');
/** Implant Internal Image: persists where deployment always takes the latest image. */
export const ATTACK_T1525 = attack('T1525');
/** Container Administration Command; M1026 no root by default, M1038 read-only file systems. */
export const ATTACK_T1609 = attack('T1609');
/** Deploy Container: one without the rules and user limits of the others. */
export const ATTACK_T1610 = attack('T1610');
/** Escape to Host; M1038 read-only file systems, M1048 no host network, no host file system. */
export const ATTACK_T1611 = attack('T1611');
// The Containers matrix leaves these out. Their platforms are Linux and IaaS, which pods and nodes are too.
/** Exfiltration Over Alternative Protocol (FTP, HTTP and others); M1030 only necessary ports leave. */
export const ATTACK_T1048 = attack('T1048');
/** Web Protocols for command and control; M1037 lets critical servers reach approved destinations only. */
export const ATTACK_T1071_001 = attack('T1071.001');
/** Non-Application Layer Protocol; M1030 limits outgoing traffic to necessary ports. */
export const ATTACK_T1095 = attack('T1095');
/** Ingress Tool Transfer; M1037 blocks outbound traffic to unapproved external destinations. */
export const ATTACK_T1105 = attack('T1105');
/** Cloud Instance Metadata API; M1035 and M1037 limit access to it. */
export const ATTACK_T1552_005 = attack('T1552.005');
/** Non-Standard Port; M1030 limits outgoing traffic to necessary ports. */
export const ATTACK_T1571 = attack('T1571');
