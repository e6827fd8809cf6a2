/** The source of the mails that are handed in by HTTP, in each organisation. */
export const submission_source = 'api';
