-- A whole catalogue by hand: what `calculate-scores --dry-run` makes of a database of benches/generate under the shipped configuration, as the one
-- query that a person would write for it. Weights, parameters of rules and the number of components are written where they are used.
-- benches/README.md says what it leaves out.
WITH
-- Runs that succeeded and measured something; token counts to the nearest power of two. A time or an energy of 0 was none.
result AS NOT MATERIALIZED (
  SELECT model_id, hardware_id, task, scenario, division, suite, image_size,
    1::BIGINT << floor(log2(input_tokens * 4 / 3))::BIGINT AS input_tokens, 1::BIGINT << floor(log2(output_tokens * 4 / 3))::BIGINT AS output_tokens,
    batch_size, precision, framework, item_unit, provenance, tested_at, content_hash, time_to_train_s, throughput_items_per_second,
    nullif(latency_ms_mean, 0) AS latency_ms_mean, nullif(latency_ms_p50, 0) AS latency_ms_p50, nullif(tpot_ms_mean, 0) AS tpot_ms_mean,
    nullif(ttft_ms_mean, 0) AS ttft_ms_mean, memory_peak_mb, nullif(energy_j_per_item, 0) AS energy_j_per_item
  FROM performance_results
  WHERE (status IS NULL OR status = 'ok') AND coalesce(time_to_train_s, throughput_items_per_second, nullif(latency_ms_mean, 0), nullif(latency_ms_p50, 0),
    nullif(tpot_ms_mean, 0), nullif(ttft_ms_mean, 0), memory_peak_mb, nullif(energy_j_per_item, 0)) IS NOT NULL
),
-- A row without a unit joins the rows of its configuration that have one.
bare AS (
  SELECT DISTINCT model_id, hardware_id, task, scenario, division, suite, image_size, input_tokens, output_tokens, batch_size, precision, framework, provenance
  FROM result WHERE item_unit IS NULL
),
unit AS (
  SELECT b.*, min(r.item_unit) AS item_unit
  FROM result AS r JOIN bare AS b ON r.model_id = b.model_id AND r.hardware_id = b.hardware_id AND r.task = b.task AND r.provenance = b.provenance
    AND r.scenario IS NOT DISTINCT FROM b.scenario AND r.division IS NOT DISTINCT FROM b.division AND r.suite IS NOT DISTINCT FROM b.suite
    AND r.image_size IS NOT DISTINCT FROM b.image_size AND r.input_tokens IS NOT DISTINCT FROM b.input_tokens
    AND r.output_tokens IS NOT DISTINCT FROM b.output_tokens AND r.batch_size IS NOT DISTINCT FROM b.batch_size
    AND r.precision IS NOT DISTINCT FROM b.precision AND r.framework IS NOT DISTINCT FROM b.framework
  WHERE r.item_unit IS NOT NULL GROUP BY ALL
),
with_unit AS NOT MATERIALIZED (
  SELECT * FROM result WHERE item_unit IS NOT NULL
  UNION ALL
  SELECT r.* REPLACE (u.item_unit AS item_unit)
  FROM result AS r LEFT JOIN unit AS u ON r.model_id = u.model_id AND r.hardware_id = u.hardware_id AND r.task = u.task AND r.provenance = u.provenance
    AND r.scenario IS NOT DISTINCT FROM u.scenario AND r.division IS NOT DISTINCT FROM u.division AND r.suite IS NOT DISTINCT FROM u.suite
    AND r.image_size IS NOT DISTINCT FROM u.image_size AND r.input_tokens IS NOT DISTINCT FROM u.input_tokens
    AND r.output_tokens IS NOT DISTINCT FROM u.output_tokens AND r.batch_size IS NOT DISTINCT FROM u.batch_size
    AND r.precision IS NOT DISTINCT FROM u.precision AND r.framework IS NOT DISTINCT FROM u.framework
  WHERE r.item_unit IS NULL
),
-- Repeats of a configuration are one operating point.
gathered AS (
  SELECT model_id, hardware_id, task, scenario, division, suite, image_size, input_tokens, output_tokens, batch_size, precision, framework, item_unit, provenance,
    count(*) AS n, max(tested_at) AS tested_at,
    avg(time_to_train_s) AS time_to_train, avg(throughput_items_per_second) AS throughput, avg(latency_ms_mean) AS latency, avg(latency_ms_p50) AS latency_p50,
    avg(tpot_ms_mean) AS tpot, avg(ttft_ms_mean) AS ttft, avg(memory_peak_mb) AS memory, avg(energy_j_per_item) AS energy,
    stddev_samp(time_to_train_s) / avg(time_to_train_s) AS cv_time_to_train, stddev_samp(throughput_items_per_second) / avg(throughput_items_per_second) AS cv_throughput,
    stddev_samp(latency_ms_mean) / avg(latency_ms_mean) AS cv_latency, stddev_samp(latency_ms_p50) / avg(latency_ms_p50) AS cv_latency_p50,
    stddev_samp(tpot_ms_mean) / avg(tpot_ms_mean) AS cv_tpot, stddev_samp(ttft_ms_mean) / avg(ttft_ms_mean) AS cv_ttft,
    stddev_samp(memory_peak_mb) / avg(memory_peak_mb) AS cv_memory
  FROM with_unit GROUP BY ALL
),
-- What may be compared with each other: a cell.
cell AS (
  SELECT *, row_number() OVER (ORDER BY task, scenario NULLS LAST, division NULLS LAST, suite NULLS LAST, image_size::VARCHAR NULLS LAST,
    input_tokens::VARCHAR NULLS LAST, output_tokens::VARCHAR NULLS LAST) AS cell_id
  FROM (SELECT DISTINCT model_id, task, scenario, division, suite, image_size, input_tokens, output_tokens FROM gathered)
),
point AS MATERIALIZED (
  SELECT row_number() OVER () AS point_id, c.cell_id, CASE g.provenance WHEN 'measured' THEN 0 WHEN 'simulated' THEN 1 ELSE 2 END AS weakness, g.*
  FROM gathered AS g JOIN cell AS c ON g.model_id = c.model_id AND g.task = c.task AND g.scenario IS NOT DISTINCT FROM c.scenario
    AND g.division IS NOT DISTINCT FROM c.division AND g.suite IS NOT DISTINCT FROM c.suite AND g.image_size IS NOT DISTINCT FROM c.image_size
    AND g.input_tokens IS NOT DISTINCT FROM c.input_tokens AND g.output_tokens IS NOT DISTINCT FROM c.output_tokens
),
-- A row a point and metric; components 0 throughput, 1 latency, 2 memory, 3 energy; metrics by preference. What is better when higher is negative,
-- so that the least is the best throughout. Throughput and energy compare within a unit, latency and memory within a batch size.
long(point_id, cell_id, hardware_id, measured, component, metric, unit, batch, value, cv) AS MATERIALIZED (
  SELECT point_id, cell_id, hardware_id, weakness = 0, 0, 0, '', -1, time_to_train, cv_time_to_train FROM point WHERE time_to_train IS NOT NULL
  UNION ALL SELECT point_id, cell_id, hardware_id, weakness = 0, 0, 1, coalesce(item_unit, ''), -1, -throughput, cv_throughput FROM point WHERE throughput IS NOT NULL
  UNION ALL SELECT point_id, cell_id, hardware_id, weakness = 0, 1, 2, '', coalesce(batch_size, -1), latency, cv_latency FROM point WHERE latency IS NOT NULL
  UNION ALL SELECT point_id, cell_id, hardware_id, weakness = 0, 1, 3, '', coalesce(batch_size, -1), latency_p50, cv_latency_p50 FROM point WHERE latency_p50 IS NOT NULL
  UNION ALL SELECT point_id, cell_id, hardware_id, weakness = 0, 1, 4, '', coalesce(batch_size, -1), tpot, cv_tpot FROM point WHERE tpot IS NOT NULL
  UNION ALL SELECT point_id, cell_id, hardware_id, weakness = 0, 1, 5, '', coalesce(batch_size, -1), ttft, cv_ttft FROM point WHERE ttft IS NOT NULL
  UNION ALL SELECT point_id, cell_id, hardware_id, weakness = 0, 2, 6, '', coalesce(batch_size, -1), memory, cv_memory FROM point WHERE memory IS NOT NULL
  UNION ALL SELECT point_id, cell_id, hardware_id, weakness = 0, 3, 7, coalesce(item_unit, ''), -1, energy, NULL FROM point WHERE energy IS NOT NULL
),
-- Groups with two pieces of hardware, and more than half of those that have the component in the cell; who is in one is contested there.
has AS MATERIALIZED (SELECT DISTINCT cell_id, hardware_id, component, metric, unit, batch FROM long),
grouped AS (SELECT cell_id, component, metric, unit, batch, count(*) AS hardware FROM has GROUP BY ALL),
wide AS (SELECT cell_id, component, count(DISTINCT hardware_id) AS hardware FROM has GROUP BY ALL),
compared AS MATERIALIZED (
  SELECT g.cell_id, g.component, g.metric, g.unit, g.batch FROM grouped AS g JOIN wide AS w USING (cell_id, component)
  WHERE g.hardware >= 2 AND 2 * g.hardware > w.hardware
),
contested AS (SELECT DISTINCT h.cell_id, h.hardware_id FROM has AS h SEMI JOIN compared AS c USING (cell_id, metric, unit, batch) WHERE h.component < 3),
-- Hardware that is contested nowhere in the cell is held against itself.
open AS MATERIALIZED (
  SELECT l.*, CASE WHEN t.hardware_id IS NULL THEN l.hardware_id ELSE 0 END AS own
  FROM long AS l LEFT JOIN contested AS t USING (cell_id, hardware_id) LEFT JOIN compared AS c USING (cell_id, metric, unit, batch)
  WHERE t.hardware_id IS NULL OR c.cell_id IS NOT NULL
),
best_of_group AS (
  SELECT cell_id, own, metric, unit, batch, coalesce(min(value) FILTER (measured), min(value)) AS best FROM open GROUP BY ALL
),
held AS (
  SELECT o.point_id, o.own, o.component, o.metric, coalesce(o.cv, -1) AS cv,
    round(least(1, CASE WHEN o.value < 0 THEN o.value / b.best ELSE b.best / o.value END), 12) AS score
  FROM open AS o JOIN best_of_group AS b USING (cell_id, own, metric, unit, batch)
),
-- The first metric of each component counts.
scored AS MATERIALIZED (
  SELECT point_id, any_value(own) AS own,
    arg_min(score, metric) FILTER (component = 0) AS s0, arg_min(score, metric) FILTER (component = 1) AS s1,
    arg_min(score, metric) FILTER (component = 2) AS s2, arg_min(score, metric) FILTER (component = 3) AS s3,
    greatest(arg_min(cv, metric) FILTER (component = 0), arg_min(cv, metric) FILTER (component = 1), arg_min(cv, metric) FILTER (component = 2)) AS spread
  FROM held GROUP BY point_id
),
placed AS MATERIALIZED (
  SELECT s.*, p.cell_id, p.model_id, p.hardware_id, p.weakness, p.n, p.tested_at, p.throughput, p.batch_size, p.precision, p.framework, p.item_unit, p.memory
  FROM scored AS s JOIN point AS p USING (point_id)
),
-- What a point lacks is taken to be the median of the cell's hardware, and never better than the point is otherwise.
median AS (
  SELECT cell_id, own, median(s0) AS m0, median(s1) AS m1, median(s2) AS m2
  FROM (SELECT cell_id, own, hardware_id, max(s0) AS s0, max(s1) AS s1, max(s2) AS s2 FROM placed GROUP BY ALL)
  GROUP BY ALL
),
otherwise AS (
  SELECT p.*, m.m0, m.m1, m.m2,
    (coalesce(0.5::DOUBLE * s0, 0) + coalesce(0.3::DOUBLE * s1, 0) + coalesce(0.2::DOUBLE * s2, 0))
      / (CASE WHEN s0 IS NULL THEN 0 ELSE 0.5::DOUBLE END + CASE WHEN s1 IS NULL THEN 0 ELSE 0.3::DOUBLE END + CASE WHEN s2 IS NULL THEN 0 ELSE 0.2::DOUBLE END) AS otherwise,
    CASE WHEN m0 IS NULL THEN 0 ELSE 0.5::DOUBLE END + CASE WHEN m1 IS NULL THEN 0 ELSE 0.3::DOUBLE END + CASE WHEN m2 IS NULL THEN 0 ELSE 0.2::DOUBLE END AS weight
  FROM placed AS p JOIN median AS m USING (cell_id, own)
  WHERE coalesce(s0, s1, s2) IS NOT NULL
),
filled AS NOT MATERIALIZED (
  SELECT *,
    coalesce(s0, CASE WHEN m0 IS NOT NULL THEN round(least(m0, otherwise), 12) END) AS c0,
    coalesce(s1, CASE WHEN m1 IS NOT NULL THEN round(least(m1, otherwise), 12) END) AS c1,
    coalesce(s2, CASE WHEN m2 IS NOT NULL THEN round(least(m2, otherwise), 12) END) AS c2,
    round(least(1, 0.8::DOUBLE + 0.2::DOUBLE * n / 5), 12) AS confidence
  FROM otherwise
),
combined AS (
  SELECT *, round(coalesce(0.5::DOUBLE / weight * c0, 0) + coalesce(0.3::DOUBLE / weight * c1, 0) + coalesce(0.2::DOUBLE / weight * c2, 0), 12) AS compatibility
  FROM filled
),
-- The best point of hardware in a cell.
best AS MATERIALIZED (
  SELECT point_id, cell_id, model_id, hardware_id, own, weakness, n, tested_at, compatibility, confidence, round(compatibility * confidence, 12) AS suitability,
    throughput, batch_size, precision, framework, item_unit
  FROM combined
  QUALIFY row_number() OVER (PARTITION BY cell_id, hardware_id ORDER BY weakness, suitability DESC, throughput DESC NULLS LAST, batch_size NULLS LAST,
    precision NULLS LAST, framework NULLS LAST, item_unit NULLS LAST) = 1
),
-- Contested cells count where hardware is in any, else its own.
mean AS (
  SELECT model_id, hardware_id, coalesce(bool_or(own = 0), false) AS contested,
    coalesce(avg(compatibility) FILTER (own = 0), avg(compatibility)) AS compatibility, coalesce(sum(confidence) FILTER (own = 0), sum(confidence)) AS confidence,
    coalesce(nullif(count(*) FILTER (own = 0), 0), count(*)) AS counted, coalesce(sum(n) FILTER (own = 0), sum(n))::BIGINT AS results,
    coalesce(max(weakness) FILTER (own = 0), max(weakness)) AS weakness,
    CASE WHEN bool_or(own = 0) THEN max(tested_at) FILTER (own = 0) ELSE max(tested_at) END AS newest
  FROM best GROUP BY ALL
),
cells AS (SELECT model_id, count(DISTINCT cell_id) AS cells FROM best WHERE own = 0 GROUP BY model_id),
first AS (
  SELECT model_id, hardware_id, point_id FROM best
  QUALIFY row_number() OVER (PARTITION BY model_id, hardware_id ORDER BY own <> 0, weakness, suitability DESC, throughput DESC NULLS LAST, batch_size NULLS LAST,
    precision NULLS LAST, framework NULLS LAST, item_unit NULLS LAST, cell_id) = 1
),
failed AS (SELECT model_id, hardware_id, count(*) AS failed FROM performance_results WHERE status <> 'ok' GROUP BY ALL),
pair AS (
  SELECT m.model_name AS model, m.model_family AS family, m.parameters_million AS size, o.model_id, o.hardware_id,
    h.device_name || CASE WHEN h.device_count = 1 THEN '' ELSE ' x' || h.device_count END AS hardware, h.device_name, h.hardware_type AS type,
    h.memory_gb * 1000 * h.device_count AS capacity,
    round(o.compatibility, 12) AS compatibility,
    round(CASE WHEN o.contested THEN (o.confidence + 0.8::DOUBLE * (c.cells - o.counted)) / c.cells ELSE o.confidence / o.counted END, 12) AS confidence,
    o.results, coalesce(f.failed, 0) AS failed, date_diff('day', o.newest::DATE, (SELECT max(tested_at)::DATE FROM performance_results)) AS age, o.weakness,
    ['measured', 'simulated', 'estimated'][o.weakness + 1] AS provenance, NOT o.contested AS uncontested,
    e.batch_size, e.precision, e.memory, nullif(e.spread, -1) AS spread, e.s0, e.s1, e.s2, e.c0, e.c1, e.c2, e.s3
  FROM mean AS o JOIN first AS t ON t.model_id = o.model_id AND t.hardware_id = o.hardware_id JOIN filled AS e ON e.point_id = t.point_id
    JOIN models AS m ON m.model_id = o.model_id JOIN hardware_platforms AS h ON h.hardware_id = o.hardware_id
    LEFT JOIN cells AS c ON c.model_id = o.model_id LEFT JOIN failed AS f ON f.model_id = o.model_id AND f.hardware_id = o.hardware_id
),
-- The rules: what they ask, then what they take out, then factor by factor.
asked AS (
  SELECT *, round(compatibility * confidence, 12) AS suitability,
    size * CASE WHEN precision IN ('int4', 'uint4', 'fp4', 'nvfp4', 'mxfp4', '4bit', 'q4_0', 'q4_k_m', 'q4_k_s') THEN 0.5::DOUBLE
      WHEN precision IN ('int8', 'uint8', 'fp8', 'mxfp8', '8bit', 'q8_0') THEN 1::DOUBLE WHEN precision = 'fp32' THEN 4::DOUBLE ELSE 2::DOUBLE END * 1.2::DOUBLE AS need,
    1 - memory / capacity AS free,
    CASE WHEN family IN ('text_generation', 'llama', 'mistral', 'mixtral', 'qwen', 'gemma', 'phi', 'gpt', 'falcon', 'deepseek')
        THEN CASE WHEN type = 'mps' THEN 1 WHEN type IN ('openvino', 'webnn', 'webgpu') THEN 0 ELSE 2 END
      WHEN family IN ('vision', 'resnet', 'vit', 'convnext', 'swin') THEN CASE WHEN type IN ('webnn', 'webgpu') THEN 1 ELSE 2 END
      WHEN family IN ('audio', 'whisper', 'wav2vec') THEN CASE WHEN type IN ('mps', 'openvino') THEN 1 WHEN type IN ('webnn', 'webgpu') THEN 0 ELSE 2 END
      WHEN family IN ('multimodal', 'llava', 'clip', 'blip') THEN CASE WHEN type IN ('mps', 'openvino', 'webnn', 'webgpu') THEN 0 ELSE 2 END
      ELSE 2 END AS advised,
    CASE WHEN precision IN ('fp8', 'mxfp8') THEN 8 WHEN precision IN ('fp4', 'nvfp4', 'mxfp4') THEN 4 END AS bits
  FROM pair
),
judged AS (
  SELECT *, weakness > 0 AND family IS NOT NULL AND size IS NOT NULL AND CASE WHEN size >= 10000 THEN 2 WHEN size >= 1000 THEN 1 ELSE 0 END > advised AS beyond,
    CASE WHEN type IN ('cpu', 'mps', 'openvino', 'webgpu', 'webnn') THEN bits IS NOT NULL
      WHEN type <> 'cuda' THEN false
      WHEN bits = 4 THEN NOT regexp_matches(device_name, 'Blackwell|B100|B200|B300|GB200|GB300|RTX 5050|RTX 5060|RTX 5070|RTX 5080|RTX 5090|Thor|DGX Spark|GB10')
      WHEN bits = 8 THEN regexp_matches(device_name,
        'A100|A10|A16|A2|A30|A40|A800|A4000|A5000|A6000|RTX 2060|RTX 2070|RTX 2080|RTX 3050|RTX 3060|RTX 3070|RTX 3080|RTX 3090|GTX|T4|V100|P100|Titan|Orin')
      WHEN precision = 'bf16' THEN regexp_matches(device_name, 'RTX 2060|RTX 2070|RTX 2080|GTX|T4|V100|P100|Titan')
      ELSE false END AS lacks
  FROM asked
),
excluded AS (
  SELECT *, CASE
      WHEN weakness > 0 AND memory > capacity
        THEN 'memory_fit: needs ' || round(memory / 100) / 10 || ' GB by ' || provenance || ' peak, has ' || round(capacity / 100) / 10 || ' GB'
      WHEN weakness > 0 AND memory IS NULL AND need > capacity
        THEN 'memory_fit: needs about ' || round(need / 100) / 10 || ' GB (' || size || ' million parameters, precision ' || coalesce(precision, 'unknown')
          || ', headroom x1.2), has ' || round(capacity / 100) / 10 || ' GB'
      WHEN type IN ('webnn', 'webgpu') AND beyond
        THEN 'web_mobile_limits: ' || hardware || ' only supports ' || family || ' models up to ' || CASE advised WHEN 0 THEN 'small' ELSE 'medium' END
          || ' size (a prior, not a measurement)'
    END AS why
  FROM judged
),
step_1 AS (SELECT *, CASE WHEN weakness = 0 AND free < 0.1::DOUBLE THEN round(suitability * 0.95::DOUBLE, 12) ELSE suitability END AS by_1 FROM excluded),
step_2 AS (SELECT *, CASE WHEN beyond THEN round(by_1 * 0.5::DOUBLE, 12) ELSE by_1 END AS by_2 FROM step_1),
step_3 AS (SELECT *, CASE WHEN lacks THEN round(by_2 * CASE weakness WHEN 0 THEN 0.97::DOUBLE ELSE 0.7::DOUBLE END, 12) ELSE by_2 END AS by_3 FROM step_2),
step_4 AS (SELECT *, CASE WHEN results >= 2 AND spread > 0.105::DOUBLE THEN round(by_3 * 0.9::DOUBLE, 12) ELSE by_3 END AS by_4 FROM step_3),
step_5 AS (
  SELECT *, CASE WHEN age > 365 THEN round(by_4 * (1 - least(0.3::DOUBLE, 0.1::DOUBLE * ((age - 365) / 365::DOUBLE))), 12) ELSE by_4 END AS by_5 FROM step_4
),
step_6 AS (SELECT *, CASE WHEN failed > 0 THEN round(by_5 * (1 - failed::DOUBLE / (results + failed) * 0.5::DOUBLE), 12) ELSE by_5 END AS by_6 FROM step_5),
final AS (SELECT *, CASE WHEN why IS NULL THEN least(1, greatest(0, by_6)) END AS final_score FROM step_6),
ranked AS (
  SELECT *, row_number() OVER (PARTITION BY model_id ORDER BY final_score IS NULL, uncontested, weakness, coalesce(final_score, 0) DESC, compatibility DESC, hardware, hardware_id) AS place
  FROM final
)
SELECT model, hardware, compatibility, suitability, final_score, confidence, results, batch_size, precision, memory, provenance,
  nullif(concat_ws('; ', 'excluded by ' || why, CASE WHEN uncontested THEN 'uncontested' END, 'missing: ' || nullif(concat_ws(', ', CASE WHEN s0 IS NULL THEN 'throughput' END,
    CASE WHEN s1 IS NULL THEN 'latency' END, CASE WHEN s2 IS NULL THEN 'memory' END), '')), '') AS notes,
  CASE WHEN final_score IS NOT NULL THEN place END AS rank,
  concat('{"throughput":', coalesce(c0::VARCHAR, 'null'), ',"latency":', coalesce(c1::VARCHAR, 'null'), ',"memory":', coalesce(c2::VARCHAR, 'null'),
    ',"energy":', coalesce(s3::VARCHAR, 'null'), '}') AS components,
  (SELECT printf('%016x%016x', (sum(('0x' || substr(content_hash, 1, 15))::BIGINT) % 18446744073709551616)::UBIGINT,
    (sum(('0x' || substr(content_hash, 16, 15))::BIGINT) % 18446744073709551616)::UBIGINT) FROM result) AS data_fingerprint
FROM ranked ORDER BY model, model_id, place
