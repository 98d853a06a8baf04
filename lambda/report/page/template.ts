import { hash } from 'node:crypto';
import { SCRIPT, STYLE } from './built.ts';
import { type Markup, ownText } from './markup.ts';

export interface Template {
  /** The element, with the style in it. */
  readonly style: Markup;
  readonly script: Markup;
  /** As a content security policy names them (CSP 3, hash-source). */
  readonly styleHash: string;
  readonly scriptHash: string;
}

const hashOf = (text: string): string => `sha256-${hash('sha256', text, 'base64')}`;

/** Style and script of the page, which `npm run page` builds from the folder `client`. */
export const TEMPLATE: Template = {
  style: ownText(`<style>${STYLE}</style>`),
  script: ownText(`<script>${SCRIPT}</script>`),
  styleHash: hashOf(STYLE),
  scriptHash: hashOf(SCRIPT),
};
