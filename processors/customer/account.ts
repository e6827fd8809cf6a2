/** Providers whose domain says nothing about where a person works. */
const public_mail_domains: ReadonlySet<string> = new Set([
  'aol.com',
  'att.net',
  'btinternet.com',
  'comcast.net',
  'duck.com',
  'email.com',
  'fastmail.com',
  'free.fr',
  'gmail.com',
  'gmx.com',
  'gmx.de',
  'gmx.net',
  'googlemail.com',
  'hey.com',
  'hotmail.co.uk',
  'hotmail.com',
  'hotmail.de',
  'hotmail.fr',
  'icloud.com',
  'laposte.net',
  'libero.it',
  'live.com',
  'mac.com',
  'mail.com',
  'mail.ru',
  'me.com',
  'msn.com',
  'orange.fr',
  'outlook.com',
  'outlook.de',
  'pm.me',
  'proton.me',
  'protonmail.com',
  'qq.com',
  '163.com',
  't-online.de',
  'tutanota.com',
  'verizon.net',
  'web.de',
  'yahoo.co.jp',
  'yahoo.co.uk',
  'yahoo.com',
  'yahoo.de',
  'yahoo.fr',
  'yandex.ru',
  'ymail.com',
  'zoho.com',
]);

/** What follows the @ of a lower-case address; empty where there is none. */
export function domainOf(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? '' : address.slice(at + 1);
}

export function isPublicMailDomain(domain: string): boolean {
  return public_mail_domains.has(domain);
}

/** The account a person belongs to: as the CRM says, or the address's domain unless it is a public mail provider's. */
export function accountOf(address: string, crm_account = ''): string {
  if (crm_account !== '') return crm_account;
  const domain = domainOf(address);
  return isPublicMailDomain(domain) ? '' : domain;
}
