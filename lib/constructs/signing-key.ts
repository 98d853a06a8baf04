import { RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { explainStatement } from '../reasons.ts';

export interface SigningKeyProps {
  /**
   * ARN of a key that exists, of the kind ECC_NIST_P256. Its policy cannot be changed from here; see
   * docs/evidence.md for what it must say.
   * @default a key is made
   */
  readonly existingKeyArn?: string | undefined;
  /** Signs the records. */
  readonly signer: IRole;
}

/**
 * Signs the record of each run. Whoever can write the bucket cannot sign: the key is another one than that of the reports,
 * and everybody but the signing role is denied its use, also those whom a policy of the account or a grant allows it.
 * It is administered by the account: whoever may change its policy may sign.
 */
export class SigningKey extends Construct {
  readonly key: IKey;

  constructor(scope: Construct, id: string, { existingKeyArn, signer }: SigningKeyProps) {
    super(scope, id);
    if (existingKeyArn !== undefined) {
      this.key = Key.fromKeyArn(this, 'Existing', existingKeyArn);
      return;
    }
    const key = new Key(this, 'Key', {
      description: 'eks-drift-auditor: signs the records of runs',
      keySpec: KeySpec.ECC_NIST_P256,
      keyUsage: KeyUsage.SIGN_VERIFY,
      // The public key of old signatures is asked for as long as they are kept.
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    key.addToResourcePolicy(onlyBy(signer));
    explainStatement(
      key,
      'OnlyTheAuditorSigns',
      'Denies signing to everyone but the role that ends runs, also to whom a policy of the account allows it.',
    );
    this.key = key;
  }
}

/** Of a session of a role this is the ARN of the role: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalarn */
const onlyBy = (signer: IRole): PolicyStatement =>
  new PolicyStatement({
    sid: 'OnlyTheAuditorSigns',
    effect: Effect.DENY,
    principals: [new AnyPrincipal()],
    actions: ['kms:Sign'],
    resources: ['*'],
    conditions: { ArnNotEquals: { 'aws:PrincipalArn': signer.roleArn } },
  });

/** How the public key becomes the file that `verify --key` and OpenSSL take. */
export const publicKeyCommand = (key: IKey): string =>
  `aws kms get-public-key --region ${key.env.region} --key-id ${key.keyArn} --query PublicKey --output text | base64 -d | openssl pkey -pubin -inform DER -out signing-key.pem`;
