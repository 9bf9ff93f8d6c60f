-- The canonical names, made by hand: no keys, no sequences, no column for what Suitor adds.
CREATE TABLE models AS SELECT model_id, model AS model_name, family AS model_family, size::DOUBLE AS parameters_million FROM model_numbers;
CREATE TABLE hardware_platforms AS
  SELECT hardware_id, type AS hardware_type, hardware AS device_name, 1 AS device_count, memory_gb::DOUBLE AS memory_gb FROM hardware_numbers;
CREATE TABLE performance_results AS
  SELECT id AS result_id, model_id, hardware_id, 'inference' AS task, batch_size, 'fp16' AS precision, 'measured' AS provenance,
    throughput::DOUBLE AS throughput_items_per_second, latency::DOUBLE AS latency_ms_mean, memory::DOUBLE AS memory_peak_mb FROM numbers;
