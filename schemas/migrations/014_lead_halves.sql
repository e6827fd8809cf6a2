-- A lead score's two halves and what it is as of (docs/adr/0020-lead-learning.md). Rows from before say their halves by their reasons, as
-- processors/customer/fit.ts parts them.
ALTER TABLE customer_versions ADD COLUMN fit_log_odds Float64 DEFAULT round(arraySum(r -> if(replaceRegexpOne(tupleElement(r, 'feature'), '^learned_', '')
    IN ('public_mail_domain', 'automated_sender', 'mail_domain', 'stage', 'amount', 'outcome', 'average', 'mail_notification', 'mail_newsletter', 'mail_spam'),
    tupleElement(r, 'log_odds'), 0), reasons), 4) AFTER grade;
ALTER TABLE customer_versions ADD COLUMN engagement_log_odds Float64 DEFAULT round(log_odds - bias - fit_log_odds, 4) AFTER fit_log_odds;
ALTER TABLE customer_versions ADD COLUMN fit Int32 DEFAULT round(100 / (1 + exp(-fit_log_odds))) AFTER grade;
ALTER TABLE customer_versions ADD COLUMN engagement Int32 DEFAULT round(100 / (1 + exp(-engagement_log_odds))) AFTER fit;
ALTER TABLE customer_versions ADD COLUMN decayed_to Nullable(DateTime64(3, 'UTC'));
ALTER TABLE lead_scores ADD COLUMN fit_log_odds Float64 DEFAULT round(arraySum(r -> if(replaceRegexpOne(tupleElement(r, 'feature'), '^learned_', '')
    IN ('public_mail_domain', 'automated_sender', 'mail_domain', 'stage', 'amount', 'outcome', 'average', 'mail_notification', 'mail_newsletter', 'mail_spam'),
    tupleElement(r, 'log_odds'), 0), reasons), 4) AFTER grade;
ALTER TABLE lead_scores ADD COLUMN engagement_log_odds Float64 DEFAULT round(log_odds - bias - fit_log_odds, 4) AFTER fit_log_odds;
ALTER TABLE lead_scores ADD COLUMN fit Int32 DEFAULT round(100 / (1 + exp(-fit_log_odds))) AFTER grade;
ALTER TABLE lead_scores ADD COLUMN engagement Int32 DEFAULT round(100 / (1 + exp(-engagement_log_odds))) AFTER fit;
ALTER TABLE lead_scores ADD COLUMN decayed_to Nullable(DateTime64(3, 'UTC'));

CREATE OR REPLACE VIEW customers AS SELECT * FROM customer_versions FINAL;

-- Every change of a lead's grade, and what caused it; a decay has the cause of the score before it, and happened when it says.
CREATE OR REPLACE VIEW lead_movements AS
SELECT
    organization_id, team_id, mailbox, owner_id, person_id, scored_at, version, previous_grade, grade, previous_score, score,
    multiIf(silent_to IS NOT NULL, 'decay', model_version != previous_model_version, 'model', 'behaviour') AS because,
    caused_by, silent_to AS decayed_to, model_version
FROM
(
    SELECT
        *,
        lagInFrame(grade) OVER person AS previous_grade,
        lagInFrame(score) OVER person AS previous_score,
        lagInFrame(model_version) OVER person AS previous_model_version,
        if(caused_by = lagInFrame(caused_by) OVER person, decayed_to, NULL) AS silent_to
    FROM lead_scores
    WINDOW person AS (PARTITION BY organization_id, person_id ORDER BY version ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
)
WHERE previous_grade != '' AND previous_grade != grade;
