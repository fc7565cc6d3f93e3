-- SPDX-License-Identifier: MIT
-- The request logs of all machines in ClickHouse, and the totals of `edgefilter usage`.

-- A record that was written again on behalf of a handler that died (`"again":1`) counts only while its twin is missing:
-- of rows with one id the one with the highest `first` stays.
CREATE TABLE IF NOT EXISTS requests
(
    host LowCardinality(String),
    time DateTime64(3, 'UTC'),
    id String,
    key String,
    pepper LowCardinality(String),
    key_id UInt64,
    user UInt64,
    method LowCardinality(String),
    endpoint LowCardinality(String),
    client LowCardinality(String),
    dialect LowCardinality(String),
    model LowCardinality(String),
    used LowCardinality(String),
    upstream LowCardinality(String),
    status UInt16,
    stop LowCardinality(String),
    input UInt64,
    output UInt64,
    cached UInt64,
    written UInt64,
    reasoning UInt64,
    estimated UInt8,
    received UInt64,
    sent UInt64,
    first_ms UInt64,
    ms UInt64,
    code UInt16,
    attempts Array(String),
    losses Array(LowCardinality(String)),
    lost UInt32,
    ended LowCardinality(String),
    signal UInt8,
    again UInt8,
    first UInt8 MATERIALIZED 1 - again
)
ENGINE = ReplacingMergeTree(first)
ORDER BY id;

-- edgefilter usage --by model; for other groups another name in the place of `model`.
CREATE VIEW IF NOT EXISTS usage_by_model AS
SELECT
    model,
    count() AS requests,
    countIf(status = 0 OR status >= 400 OR code != 0 OR ended != 'complete') AS failures,
    sum(input) AS input,
    sum(output) AS output,
    sum(cached) AS cached,
    sum(written) AS written,
    sum(reasoning) AS reasoning
FROM requests FINAL
-- What was asked of edgefilter itself is left out; `edgefilter usage --all` has it.
WHERE NOT match(endpoint, '^/((health/?|metrics|usage/.*)?|(admin|settings/model|openapi[.]json)(/.*)?)$')
GROUP BY model
ORDER BY requests DESC, model;
