-- Whose each end is, so that it is told to whom its record may be told to. What is left of an erased record is nobody's.
CREATE OR REPLACE VIEW record_ends AS
SELECT organization_id, source, sequence, 'stored' AS `end`, email_id AS record_id, ingested_at, mailbox, owner_id, team_id FROM messages
UNION ALL
SELECT organization_id, source, sequence, 'stored', record_id, ingested_at, mailbox, owner_id, team_id
FROM interactions WHERE kind IN ('crm', 'event')
UNION ALL
SELECT organization_id, source, sequence, 'duplicate', record_id, ingested_at, mailbox, owner_id, team_id FROM duplicates
UNION ALL
SELECT organization_id, source, sequence, 'dead_letter', dead_letter_id, ingested_at, mailbox, owner_id, team_id
FROM dead_letters WHERE sequence > 0
UNION ALL
SELECT organization_id, source, sequence, 'erased', '', ingested_at, '', '', '' FROM erased_records FINAL;

CREATE OR REPLACE VIEW replayed_letters AS
SELECT
    r.organization_id AS organization_id, r.dead_letter_id AS dead_letter_id, r.replayed_at AS replayed_at,
    r.original_sha256 AS original_sha256, r.replayed_sha256 AS replayed_sha256,
    r.replay_organization_id AS replay_organization_id, r.replay_sequence AS replay_sequence,
    if(e.`end` = '', 'in_flight', e.`end`) AS `end`, e.record_id AS record_id,
    r.mailbox AS mailbox, r.owner_id AS owner_id, r.team_id AS team_id
FROM replays AS r
LEFT JOIN
(
    SELECT organization_id, sequence, `end`, record_id FROM record_ends WHERE source = 'replay'
) AS e ON r.replay_organization_id = e.organization_id AND r.replay_sequence = e.sequence;
