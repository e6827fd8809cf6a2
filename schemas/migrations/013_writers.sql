-- Who wrote a mail goes by what the enrichment says of it too: not every program says in a header that it is one.
CREATE OR REPLACE VIEW mail_writers AS
SELECT
    email_id, organization_id, team_id, mailbox, owner_id, received_at, direction, category, thread_id, sender, subject,
    multiIf(
        automatic = 'bounce' OR headers['x-failed-recipients'] != '' OR match(headers['content-type'], '(?i)^multipart/report\\b.*delivery-status')
            OR match(sender, '^(mailer-daemon|postmaster)@') AND (is_automatic OR headers['return-path'] = '<>'), 'bounce',
        automatic = 'auto_reply' OR startsWith(auto_submitted, 'auto-replied') OR headers['x-autoreply'] != '' OR headers['x-autorespond'] != ''
            OR headers['return-path'] = '<>', 'auto_reply',
        automatic = 'notification' OR is_automatic OR match(headers['content-type'], '(?i)^multipart/report\\b'), 'machine',
        automatic = 'newsletter' OR headers['list-id'] != '' OR headers['list-unsubscribe'] != ''
            OR lower(trim(headers['precedence'])) IN ('bulk', 'list', 'junk'), 'list',
        unsubscribes OR match(subject, '(?i)^\\s*(re:\\s*)*unsubscribe\\b'), 'unsubscribe',
        'person') AS writer,
    lower(trim(headers['auto-submitted'])) AS auto_submitted,
    auto_submitted NOT IN ('', 'no') AS is_automatic
FROM messages;
