-- What outcomes have taught the lead scores, version by version. A score names its version behind the "+" of model_version.
CREATE TABLE lead_model_versions
(
    organization_id LowCardinality(String),
    version Int64,
    won Int64,
    touched Array(Tuple(feature Int32, weight Float64)) CODEC(ZSTD(1)),
    weights UInt32,
    measured Int32,
    log_loss Float64,
    rules_log_loss Float64,
    brier Float64,
    predicted Float64,
    actual Float64,
    learned_at DateTime64(3, 'UTC')
)
ENGINE = ReplacingMergeTree
ORDER BY (organization_id, version)
SETTINGS non_replicated_deduplication_window = 10000;
