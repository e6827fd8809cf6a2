-- What more is said of a mail. What quotes it (summary, entities, signature) is as private as its words.
ALTER TABLE messages ADD COLUMN sentiment_confidence Float64 AFTER sentiment_score;
ALTER TABLE messages ADD COLUMN asks Float64 AFTER importance_reasons;
ALTER TABLE messages ADD COLUMN spam Float64 AFTER asks;
ALTER TABLE messages ADD COLUMN language LowCardinality(String) AFTER spam;
ALTER TABLE messages ADD COLUMN automatic LowCardinality(String) AFTER language;
ALTER TABLE messages ADD COLUMN unsubscribes Bool AFTER automatic;
ALTER TABLE messages ADD COLUMN summary String AFTER unsubscribes;
ALTER TABLE messages ADD COLUMN entities Array(Tuple(text String, type String, `start` Int32, `end` Int32)) AFTER summary;
ALTER TABLE messages ADD COLUMN signature Tuple(name String, title String, phone String, company String) AFTER entities;

CREATE OR REPLACE VIEW emails AS
SELECT
    email_id, organization_id, mailbox, owner_id, team_id, message_id, thread_id, sender, sender_name, recipients, cc,
    sent_at, received_at, subject, content, summary, direction, sentiment, sentiment_score, sentiment_confidence, category,
    importance, asks, spam, language, automatic, unsubscribes, length(attachments) AS attachment_count,
    source, sequence, origin, ingested_at, stored_at
FROM messages;
