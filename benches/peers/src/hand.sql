-- The twelve rules as a person writes them, for inference without a pinned precision. One level a rule that reads the score before it:
-- within one level DuckDB would copy each score into every use. What a SELECT at the end leaves out is not computed.
WITH fields AS (
  SELECT *,
    device_memory_mb * device_count AS capacity,
    coalesce(precision, 'unknown') AS format,
    coalesce(ttft_ms, latency_ms) AS wait,
    starts_with(hardware_name, 'NVIDIA GeForce') OR starts_with(hardware_name, 'AMD Radeon') AS consumer
  FROM pairs
), needs AS (
  SELECT *,
    parameters_million
      * CASE WHEN format IN ('int4', 'uint4', 'fp4', 'nvfp4', 'mxfp4', '4bit', 'q4_0', 'q4_k_m', 'q4_k_s') THEN 0.5e0
             WHEN format IN ('int8', 'uint8', 'fp8', 'mxfp8', '8bit', 'q8_0') THEN 1e0
             WHEN format = 'fp32' THEN 4e0 ELSE 2e0 END * 1.2e0 AS need,
    greatest(0e0, 1e0 - memory_peak_mb / capacity) AS free,
    provenance <> 'measured' AND coalesce(
      CASE WHEN parameters_million >= 10000 THEN 2 WHEN parameters_million >= 1000 THEN 1 ELSE 0 END > most_advised, false) AS beyond
  FROM (
    SELECT *,
      CASE WHEN parameters_million IS NULL OR model_family IS NULL THEN NULL
           WHEN model_family IN ('text_generation', 'llama', 'mistral', 'mixtral', 'qwen', 'gemma', 'phi', 'gpt', 'falcon', 'deepseek')
             THEN CASE WHEN hardware_type = 'mps' THEN 1 WHEN hardware_type IN ('openvino', 'webnn', 'webgpu') THEN 0 ELSE 2 END
           WHEN model_family IN ('vision', 'resnet', 'vit', 'convnext', 'swin')
             THEN CASE WHEN hardware_type IN ('webnn', 'webgpu') THEN 1 ELSE 2 END
           WHEN model_family IN ('audio', 'whisper', 'wav2vec')
             THEN CASE WHEN hardware_type IN ('mps', 'openvino') THEN 1 WHEN hardware_type IN ('webnn', 'webgpu') THEN 0 ELSE 2 END
           WHEN model_family IN ('multimodal', 'llava', 'clip', 'blip')
             THEN CASE WHEN hardware_type IN ('mps', 'openvino', 'webnn', 'webgpu') THEN 0 ELSE 2 END
           ELSE 2 END AS most_advised
    FROM fields)
), firing AS (
  SELECT *,
    CASE WHEN provenance <> 'measured' AND device_memory_mb IS NOT NULL
              AND coalesce(memory_peak_mb, need) > capacity THEN 'memory_fit'
         WHEN beyond AND hardware_type IN ('webnn', 'webgpu') THEN 'web_mobile_limits'
         WHEN consumer AND device_count > 4 THEN 'consumer_cards' END AS excluded_by,
    provenance = 'measured' AND 1e0 - memory_peak_mb / capacity < 0.1e0 AS fires_1,
    beyond AS fires_2,
    CASE WHEN hardware_type IN ('cpu', 'mps', 'openvino', 'webgpu', 'webnn') THEN precision IN ('fp4', 'nvfp4', 'mxfp4', 'fp8', 'mxfp8')
         WHEN hardware_type <> 'cuda' THEN false
         WHEN precision IN ('fp4', 'nvfp4', 'mxfp4') THEN NOT (
           contains(hardware_name, 'Blackwell') OR contains(hardware_name, 'B100') OR contains(hardware_name, 'B200')
           OR contains(hardware_name, 'B300') OR contains(hardware_name, 'GB200') OR contains(hardware_name, 'GB300')
           OR contains(hardware_name, 'RTX 5050') OR contains(hardware_name, 'RTX 5060') OR contains(hardware_name, 'RTX 5070')
           OR contains(hardware_name, 'RTX 5080') OR contains(hardware_name, 'RTX 5090') OR contains(hardware_name, 'Thor')
           OR contains(hardware_name, 'DGX Spark') OR contains(hardware_name, 'GB10'))
         WHEN precision IN ('fp8', 'mxfp8') THEN
           contains(hardware_name, 'A100') OR contains(hardware_name, 'A10') OR contains(hardware_name, 'A16')
           OR contains(hardware_name, 'A2') OR contains(hardware_name, 'A30') OR contains(hardware_name, 'A40')
           OR contains(hardware_name, 'A800') OR contains(hardware_name, 'A4000') OR contains(hardware_name, 'A5000')
           OR contains(hardware_name, 'A6000') OR contains(hardware_name, 'RTX 2060') OR contains(hardware_name, 'RTX 2070')
           OR contains(hardware_name, 'RTX 2080') OR contains(hardware_name, 'RTX 3050') OR contains(hardware_name, 'RTX 3060')
           OR contains(hardware_name, 'RTX 3070') OR contains(hardware_name, 'RTX 3080') OR contains(hardware_name, 'RTX 3090')
           OR contains(hardware_name, 'GTX') OR contains(hardware_name, 'T4') OR contains(hardware_name, 'V100')
           OR contains(hardware_name, 'P100') OR contains(hardware_name, 'Titan') OR contains(hardware_name, 'Orin')
         WHEN precision = 'bf16' THEN
           contains(hardware_name, 'RTX 2060') OR contains(hardware_name, 'RTX 2070') OR contains(hardware_name, 'RTX 2080')
           OR contains(hardware_name, 'GTX') OR contains(hardware_name, 'T4') OR contains(hardware_name, 'V100')
           OR contains(hardware_name, 'P100') OR contains(hardware_name, 'Titan')
         ELSE false END AS fires_3,
    results >= 2 AND spread > 0.105e0 AS fires_4,
    age_days > 365 AS fires_5,
    failed_results <> 0 AS fires_6,
    results < 3 AS fires_7,
    device_count <> 1 AS fires_8,
    wait > 200 AS fires_9,
    energy_j_per_item > 0.5e0 AS fires_10,
    consumer AND parameters_million >= 1000 AS fires_11,
    NOT uncontested AND coverage < 0.5e0 AS fires_12
  FROM needs
), s1 AS (SELECT *, round(CASE WHEN fires_1 THEN suitability * 0.95e0 ELSE suitability END * 1e12) / 1e12 AS score_1 FROM firing)
, s2 AS (SELECT *, CASE WHEN fires_2 THEN round(score_1 * 0.5e0 * 1e12) / 1e12 ELSE score_1 END AS score_2 FROM s1)
, s3 AS (SELECT *, CASE WHEN fires_3
    THEN round(score_2 * CASE WHEN provenance = 'measured' THEN 0.97e0 ELSE 0.7e0 END * 1e12) / 1e12 ELSE score_2 END AS score_3 FROM s2)
, s4 AS (SELECT *, CASE WHEN fires_4 THEN round(score_3 * 0.9e0 * 1e12) / 1e12 ELSE score_3 END AS score_4 FROM s3)
, s5 AS (SELECT *, CASE WHEN fires_5
    THEN round(score_4 * (1e0 - least(0.3e0, 0.1e0 * ((age_days - 365) / 365e0))) * 1e12) / 1e12 ELSE score_4 END AS score_5 FROM s4)
, s6 AS (SELECT *, CASE WHEN fires_6
    THEN round(score_5 * (1e0 - failed_results * 1e0 / (results + failed_results) * 0.5e0) * 1e12) / 1e12 ELSE score_5 END AS score_6 FROM s5)
, s7 AS (SELECT *, CASE WHEN fires_7 THEN round(score_6 * (1e0 - 0.05e0 * (3 - results)) * 1e12) / 1e12 ELSE score_6 END AS score_7 FROM s6)
, s8 AS (SELECT *, CASE WHEN fires_8
    THEN round(score_7 * CASE device_count WHEN 2 THEN 0.99e0 WHEN 4 THEN 0.98e0 ELSE 0.96e0 END * 1e12) / 1e12 ELSE score_7 END AS score_8 FROM s7)
, s9 AS (SELECT *, CASE WHEN fires_9
    THEN round(score_8 * (1e0 - 0.2e0 * least(1e0, (wait - 200e0) / 2000e0)) * 1e12) / 1e12 ELSE score_8 END AS score_9 FROM s8)
, s10 AS (SELECT *, CASE WHEN fires_10
    THEN round(score_9 * CASE WHEN energy_j_per_item > 5 THEN 0.9e0 ELSE 0.97e0 END * 1e12) / 1e12 ELSE score_9 END AS score_10 FROM s9)
, s11 AS (SELECT *, CASE WHEN fires_11 THEN round(score_10 * 0.93e0 * 1e12) / 1e12 ELSE score_10 END AS score_11 FROM s10)
, s12 AS (SELECT *, CASE WHEN fires_12
    THEN round(score_11 * CASE WHEN confidence > 0.95e0 THEN narrow + (1e0 - narrow) / 2e0 ELSE narrow END * 1e12) / 1e12
    ELSE score_11 END AS score_12
  FROM (SELECT *, 0.8e0 + (1e0 - 0.8e0) * coverage / 0.5e0 AS narrow FROM s11))
, told AS (
  SELECT *,
    CASE WHEN excluded_by IS NULL THEN least(1e0, greatest(0e0, score_12)) END AS final_score,
    CASE excluded_by
      WHEN 'memory_fit' THEN
        CASE WHEN memory_peak_mb IS NOT NULL
          THEN 'needs ' || round(memory_peak_mb / 100e0) / 10e0 || ' GB by ' || provenance || ' peak, has ' || round(capacity / 100e0) / 10e0 || ' GB'
          ELSE 'needs about ' || round(need / 100e0) / 10e0 || ' GB (' || parameters_million || ' million parameters, precision ' || format
            || ', headroom x1.2), has ' || round(capacity / 100e0) / 10e0 || ' GB' END
      WHEN 'web_mobile_limits' THEN hardware || ' only supports ' || model_family || ' models up to '
        || CASE most_advised WHEN 0 THEN 'small' ELSE 'medium' END || ' size (a prior, not a measurement)'
      WHEN 'consumer_cards' THEN hardware || ': consumer cards in systems of more than 4' END AS excluded_why
  FROM s12
)
