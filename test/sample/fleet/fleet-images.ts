/** A repository of the shop's own registry. */
export const ecr = (image: string): string => `111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/${image}`;

/** An image of an EKS add-on; each region has its registry. */
export const eksAddOn = (region: string, image: string): string =>
  `602401143452.dkr.ecr.${region}.amazonaws.com/${image}`;
