import type { Labels } from '../../../inventory/names.ts';
import {
  SERVICE_ACCOUNT,
  SERVICE_ACCOUNT_OBJECT,
  type ServiceAccounts,
} from '../../../inventory/service-account.ts';
import type { ParseContext } from '../../policies/policy.ts';
import { allOf, anyOf, type Expression, type LabelTest, not } from './expression.ts';
import type { CalicoRemarks } from './remarks.ts';
import { NAME_LABEL } from './scope.ts';

/**
 * The labels of a ServiceAccount, as the endpoints of its pods inherit them: from the profile that Calico makes
 * of the object (`ServiceAccountToProfile`, libcalico-go/lib/backend/k8s/conversion/conversion.go), and no longer
 * once that is deleted (`DeleteParentLabels`, felix/labelindex/label_inheritance_index.go), though the pods run on.
 * https://github.com/projectcalico/calico
 */
export const OF_SERVICE_ACCOUNT = 'pcsa.';

const isOfAccount = ({ key }: LabelTest): boolean => key.startsWith(OF_SERVICE_ACCOUNT);

/** The expression about pods with what it asks of ServiceAccounts asked of those that were read. */
export function askAccounts(expression: Expression, accounts: ServiceAccounts): Expression {
  switch (expression.is) {
    case 'constant':
      return expression;
    case 'label':
      return isOfAccount(expression) ? askAccount(expression, accounts) : expression;
    default: {
      const parts = expression.parts.map((part) => askAccounts(part, accounts));
      return expression.is === 'all' ? allOf(parts) : anyOf(parts);
    }
  }
}

function askAccount(test: LabelTest, accounts: ServiceAccounts): Expression {
  const key = test.key.slice(OF_SERVICE_ACCOUNT.length);
  if (key !== NAME_LABEL) return ofObject(test.ifMissing, (labels) => ask(test, labels, key), accounts);
  // The pod has the name, so only whether the object exists has to be asked; labels of its own named so do not count.
  const named: LabelTest = { ...test, key: SERVICE_ACCOUNT };
  const exists = ofObject(false, () => true, accounts);
  return test.ifMissing ? anyOf([not(exists), named]) : allOf([exists, named]);
}

const ask = (test: LabelTest, labels: Labels, key: string): boolean | null => {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
  return value === undefined ? test.ifMissing : test.accepts(value);
};

/** What holds where there is no such object is also the answer for pods without a service account. */
const ofObject = (
  ifMissing: boolean,
  holds: (labels: Labels) => boolean | null,
  { labels, complete }: ServiceAccounts,
): LabelTest => ({
  is: 'label',
  key: SERVICE_ACCOUNT_OBJECT,
  accepts(path) {
    const found = labels.get(path);
    if (found !== undefined) return holds(found);
    return complete ? ifMissing : null;
  },
  ifMissing,
  values: null,
});

/** @param subject what uses the expression, e.g. `it selects pods` */
export function wonderAbout(
  expression: Expression,
  subject: string,
  { context, remarks }: { readonly context: ParseContext; readonly remarks: CalicoRemarks },
): void {
  if (context.serviceAccounts.complete || !asksAccounts(expression)) return;
  remarks.wonder(`${subject} by ServiceAccount objects, which were not all read`);
}

function asksAccounts(expression: Expression): boolean {
  if (expression.is === 'label') return isOfAccount(expression);
  return expression.is === 'constant' ? false : expression.parts.some(asksAccounts);
}
