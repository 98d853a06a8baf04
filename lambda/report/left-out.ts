/** Why a cluster that was found is no target, or an account that was found is not asked, for people. */
export const WHY_LEFT_OUT = {
  'not-included': 'no pattern of clusters.include fits it',
  excluded: 'a pattern of clusters.exclude fits it',
  tags: 'its tags are not those that the configuration asks for',
  duplicate: 'another context leads to the same cluster',
  'account-excluded': 'organization.exclude names it',
  'account-suspended': 'the account is suspended, closed or was never activated',
} as const;
